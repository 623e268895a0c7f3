"""moto's server with managed external secrets. It accepts no access key that no user has: AWS refuses one that was deleted,
moto takes any.

Short ones, such as `sandbox`, are those of who runs the tests.

https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
"""

import managedExternalSecrets  # noqa: F401
from moto.core.exceptions import InvalidClientTokenIdError
from moto.server import main
from moto.sts.models import STSBackend

caller_of = STSBackend.get_caller_identity


def get_caller_identity(self, access_key_id, region):
    found = caller_of(self, access_key_id, region)
    is_unknown = found[1].endswith(":user/moto")
    if is_unknown and len(access_key_id) >= 16:
        raise InvalidClientTokenIdError()
    return found


STSBackend.get_caller_identity = get_caller_identity

if __name__ == "__main__":
    main()
