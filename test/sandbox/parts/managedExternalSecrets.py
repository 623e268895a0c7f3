"""Managed external secrets, which moto does not have: their type, and a rotation without a function.

A request is held against AWS's own model of it. Nobody is a partner here, so that nothing is rotated: a test writes what
AWS would have.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/managed-external-secrets.html
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
"""

import json

import botocore.session
from botocore.validate import ParamValidator
from moto.secretsmanager.exceptions import InvalidParameterException
from moto.secretsmanager.models import FakeSecret
from moto.secretsmanager.responses import SecretsManagerResponse

model = botocore.session.get_session().get_service_model("secretsmanager")
create_of = SecretsManagerResponse.create_secret
rotate_of = SecretsManagerResponse.rotate_secret
cancel_of = SecretsManagerResponse.cancel_rotate_secret
dict_of = FakeSecret.to_dict


def create_secret(self):
    answer = create_of(self)
    params = json.loads(self.body)
    if "Type" in params:
        check(params, "CreateSecret")
        self.backend.secrets[params["Name"]].external = {"Type": params["Type"]}
    return answer


def rotate_secret(self):
    params = json.loads(self.body)
    secret = external_secret(self, params)
    if secret is None:
        if "ExternalSecretRotationRoleArn" in params:
            raise InvalidParameterException("The secret is no managed external secret.")
        return rotate_of(self)
    check(params, "RotateSecret")
    if "RotationLambdaARN" in params or "ExternalSecretRotationRoleArn" not in params:
        raise InvalidParameterException("A managed external secret is rotated by a role, and by no function.")
    if params.get("RotateImmediately", True):
        raise InvalidParameterException("Here is no partner at which AWS could rotate at once.")
    told = ("ExternalSecretRotationMetadata", "ExternalSecretRotationRoleArn", "RotationRules")
    secret.external.update({name: params[name] for name in told if name in params}, RotationEnabled=True)
    return secret.to_short_dict()


def cancel_rotate_secret(self):
    secret = external_secret(self, json.loads(self.body))
    if secret is None:
        return cancel_of(self)
    secret.external["RotationEnabled"] = False
    return secret.to_short_dict()


def to_dict(self):
    return {**dict_of(self), **getattr(self, "external", {})}


def external_secret(response, params):
    secret = response.backend.secrets.get(params["SecretId"])
    return secret if hasattr(secret, "external") else None


def check(params, operation):
    report = ParamValidator().validate(params, model.operation_model(operation).input_shape)
    if report.has_errors():
        raise InvalidParameterException(report.generate_report())


SecretsManagerResponse.create_secret = create_secret
SecretsManagerResponse.rotate_secret = rotate_secret
SecretsManagerResponse.cancel_rotate_secret = cancel_rotate_secret
FakeSecret.to_dict = to_dict
