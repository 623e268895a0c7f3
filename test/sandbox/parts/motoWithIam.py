"""moto's server with IAM enforced: each call needs a policy that allows it, for its resource and under its conditions.

moto itself checks signatures and who it is that calls. Of policies it looks at the actions; for most services it says that
the resource is `*`, which no policy that names a resource allows, and it ignores conditions. Here a call's resources and
condition keys are said as AWS documents them, and policies are evaluated as IAM documents it:

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html

The access key `sandbox` is the account's root user, whom no policy limits. Resource policies are not looked at. What was
allowed is written to the file that MOTO_IAM_LOG names, a line of JSON each.
"""

import base64
import json
import os
import re

os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = "0"

from moto.core.authorization import ActionAuthenticatorMixin  # noqa: E402
from moto.core.exceptions import JsonRESTError  # noqa: E402
from moto.iam import access_control  # noqa: E402
from moto.iam.models import iam_backends  # noqa: E402
from moto.kms.models import kms_backends  # noqa: E402
from moto.kms.utils import _deserialize_ciphertext_blob  # noqa: E402
from moto.s3.models import s3_backends  # noqa: E402
from moto.secretsmanager.models import secretsmanager_backends  # noqa: E402
from moto.server import main  # noqa: E402

ROOT_USER = "sandbox"
JSON_SERVICES = {"secretsmanager", "kms", "logs", "ecs", "lambda"}


def authorize(response, request_class, resource="*"):
    action = response._get_action()
    if action == "AssumeRoleWithWebIdentity":
        check_token(response)
        return
    if f"Credential={ROOT_USER}/" in response.headers.get("Authorization", ""):
        return
    path = response.raw_path + (f"?{response.parsed_url.query}" if response.parsed_url.query else "")
    request = request_class(
        account_id=response.current_account,
        method=response.method,
        path=path,
        data=response.data,
        body=response.raw_body,
        headers=response.headers,
        action=action,
    )
    request.check_signature()
    if request._action == "sts:GetCallerIdentity":
        return
    documents = [document_of(policy) for policy in request._access_key.collect_policies()]
    for needed in needed_for(response, request._service, request._action, resource):
        if not is_allowed(documents, *needed):
            deny(request, needed)
        note(request._access_key.arn, *needed)


def deny(request, needed):
    action, resource, _ = needed
    message = f"User: {request._access_key.arn} is not authorized to perform: {action} on resource: {resource}"
    if request._service in JSON_SERVICES:
        raise JsonRESTError("AccessDeniedException", message)
    request._raise_access_denied()


def note(arn, action, resource, _):
    if "MOTO_IAM_LOG" in os.environ:
        with open(os.environ["MOTO_IAM_LOG"], "a", encoding="utf-8") as file:
            file.write(json.dumps({"arn": arn, "action": action, "resource": resource}) + "\n")


# What is asked of IAM: (action, resource, condition keys) for each permission that a call needs.


def needed_for(response, service, action, resource):
    find = {"secretsmanager": of_secret, "iam": of_user, "kms": of_key, "logs": of_logs, "s3": of_s3, "sns": of_topic, "monitoring": of_metrics, "ecs": of_service, "lambda": of_function}
    found = find.get(service)
    return found(response, action, resource) if found else [(action, resource, {})]


def of_secret(response, action, _):
    account, region = response.current_account, response.region
    name = response._get_param("SecretId")
    if name is None:
        return [(action, "*", {})]
    secret = secretsmanager_backends[account][region].secrets.get(name)
    if secret is None:
        arn = name if name.startswith("arn:") else f"arn:aws:secretsmanager:{region}:{account}:secret:{name}-000000"
        return [(action, arn, {})]
    context = {f"secretsmanager:ResourceTag/{tag['Key']}": [tag["Value"]] for tag in secret.tags or []}
    needed = [(action, secret.arn, context)]
    # The account's own key for Secrets Manager may be used by everybody in it, by its key policy.
    if secret.kms_key_id is None or secret.kms_key_id.endswith("alias/aws/secretsmanager"):
        return needed
    uses = {"GetSecretValue": ["kms:Decrypt"], "PutSecretValue": ["kms:GenerateDataKey", "kms:Decrypt"]}
    via = {
        "kms:ViaService": [f"secretsmanager.{region}.amazonaws.com"],
        "kms:EncryptionContext:SecretARN": [secret.arn],
    }
    return needed + [on_key(response, use, secret.kms_key_id, via) for use in uses.get(action.split(":")[1], [])]


def of_user(response, action, resource):
    backend = iam_backends[response.current_account]["aws"]
    key = backend.access_keys.get(response._get_param("AccessKeyId") or "")
    name = response._get_param("UserName") or (key and key.user_name)
    user = backend.users.get(name or "")
    return [(action, user.arn if user else resource, {})]


def of_key(response, action, _):
    params = json.loads(response.body or "{}")
    key_id = params.get("KeyId")
    if "CiphertextBlob" in params:
        key_id = _deserialize_ciphertext_blob(base64.b64decode(params["CiphertextBlob"])).key_id
    if key_id is None:
        return [(action, "*", {})]
    context = params.get("EncryptionContext") or {}
    return [on_key(response, action, key_id, {f"kms:EncryptionContext:{k}": [v] for k, v in context.items()})]


def on_key(response, action, key_id, context):
    backend = kms_backends[response.current_account][response.region]
    plain = backend.get_key_id_from_alias(backend.get_alias_name(key_id)) or backend.get_key_id(key_id)
    key = backend.keys.get(plain)
    if key is None:
        return (action, f"arn:aws:kms:{response.region}:{response.current_account}:key/{plain}", context)
    return (action, key.arn, {**context, "kms:ResourceAliases": sorted(key.aliases)})


def of_logs(response, action, _):
    group = response._get_param("logGroupName")
    arn = f"arn:aws:logs:{response.region}:{response.current_account}:log-group:{group}"
    return [(action, f"{arn}:log-stream:{response._get_param('logStreamName') or ''}", {})]


def of_s3(response, action, resource):
    bucket, _, key = resource.removeprefix("arn:aws:s3:::").partition("/")
    if action == "s3:HeadBucket":
        return [("s3:ListBucket", resource, {})]
    if action == "s3:ListBucket":
        return [(action, resource, {"s3:prefix": [response.normalized_request.args.get("prefix", "")]})]
    needed = [(action, resource, {})]
    uses = {"s3:PutObject": "kms:GenerateDataKey", "s3:GetObject": "kms:Decrypt"}
    found = s3_backends[response.current_account]["aws"].buckets.get(bucket)
    if action not in uses or found is None:
        return needed
    if action == "s3:PutObject":
        key_id = response.headers.get("x-amz-server-side-encryption-aws-kms-key-id")
    else:
        key_id = getattr(found.keys.get(key), "kms_key_id", None)
    if key_id is None:
        return needed
    via = {
        "kms:ViaService": [f"s3.{response.region}.amazonaws.com"],
        "kms:EncryptionContext:aws:s3:arn": [resource],
    }
    return needed + [on_key(response, uses[action], key_id, via)]


def of_topic(response, action, _):
    return [(action, response._get_param("TopicArn") or "*", {})]


def of_service(response, action, _):
    params = json.loads(response.body or "{}")
    if "resourceArn" in params:
        return [(action, params["resourceArn"], {})]
    names = params.get("services") or [params.get("service")]
    at = f"arn:aws:ecs:{response.region}:{response.current_account}:service/{params.get('cluster', 'default')}"
    return [(action, f"{at}/{name}", {}) for name in names]


def of_function(response, action, _):
    # What is called with a qualifier is asked for with it since January 2022. The actions on aliases are asked for the function.
    found = re.match(r"/[^/]+/functions/([^/]+)", response.raw_path)
    qualifier = response.querystring.get("Qualifier", [])
    name = ":".join([found.group(1), *qualifier]) if found else "*"
    return [(action, f"arn:aws:lambda:{response.region}:{response.current_account}:function:{name}", {})]


def of_metrics(response, action, _):
    # IAM's name of the service is not that of its endpoint.
    action = action.replace("monitoring:", "cloudwatch:")
    namespace = response._get_param("Namespace")
    return [(action, "*", {"cloudwatch:namespace": [namespace]} if namespace else {})]


# How policies are evaluated.


def document_of(policy):
    return access_control.IAMPolicy(policy)._policy_json


def is_allowed(documents, action, resource, context):
    allowed = False
    for document in documents:
        for statement in listed(document["Statement"]):
            if not applies(statement, action, resource, context):
                continue
            if statement["Effect"] == "Deny":
                return False
            allowed = True
    return allowed


def applies(statement, action, resource, context):
    unknown = set(statement) - {"Sid", "Effect", "Action", "Resource", "Condition"}
    if unknown:
        raise NotImplementedError(f"{unknown} in a policy")
    return (
        any(matches(pattern.lower(), action.lower()) for pattern in listed(statement["Action"]))
        and any(matches(pattern, resource) for pattern in listed(statement["Resource"]))
        and holds(statement.get("Condition", {}), context)
    )


def holds(condition, context):
    return all(
        one_holds(operator, listed(expected), context.get(key, []))
        for operator, keys in condition.items()
        for key, expected in keys.items()
    )


def one_holds(operator, expected, values):
    compare = {
        "StringEquals": lambda pattern, value: pattern == value,
        "StringLike": matches,
        "ForAnyValue:StringEquals": lambda pattern, value: pattern == value,
    }[operator]
    # Without the key none of these holds. Of several values one is enough for the last; the others have one.
    return any(compare(pattern, value) for value in values for pattern in expected)


def matches(pattern, text):
    source = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(source, text, re.DOTALL) is not None


def listed(value):
    return value if isinstance(value, list) else [value]


# Who may take a role with a token. Its signature is not looked at.


def check_token(response):
    backend = iam_backends[response.current_account]["aws"]
    role = backend.get_role_by_arn(response._get_param("RoleArn"))
    part = response._get_param("WebIdentityToken").split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    issuer = claims["iss"].removeprefix("https://")
    provider = f"arn:aws:iam::{response.current_account}:oidc-provider/{issuer}"
    context = {f"{issuer}:{claim}": listed(claims[claim]) for claim in ("aud", "sub")}
    if provider in backend.open_id_providers:
        for statement in listed(json.loads(role.assume_role_policy_document)["Statement"]):
            trusted = listed(statement["Principal"].get("Federated", []))
            if provider in trusted and holds(statement.get("Condition", {}), context):
                return
    raise access_control.AccessDeniedError(user_arn=claims["sub"], action="sts:AssumeRoleWithWebIdentity")


ActionAuthenticatorMixin._authenticate_and_authorize_action = authorize
main()
