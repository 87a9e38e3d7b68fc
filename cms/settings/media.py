"""Uploaded files in a bucket of an S3-compatible store."""

from .environment import env


def bucket(name: str) -> dict[str, object]:
    """The storage of files in the bucket `name`, whose addresses are signed.

    A store that does not answer holds up whoever asks it for two tries and no longer, each of MEDIA_S3_TIMEOUT
    seconds; boto's own patience is five tries of a minute, which stops a worker.
    """
    from boto3.s3.transfer import TransferConfig
    from botocore.config import Config

    patience = env.float("MEDIA_S3_TIMEOUT", default=10)
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": name,
            "endpoint_url": env("MEDIA_S3_ENDPOINT", default="") or None,
            "region_name": env("MEDIA_S3_REGION", default="") or None,
            "access_key": env("MEDIA_S3_ACCESS_KEY", default="") or None,
            "secret_key": env("MEDIA_S3_SECRET_KEY", default="") or None,
            "client_config": Config(
                signature_version="s3v4",
                connect_timeout=patience,
                read_timeout=patience,
                retries={"total_max_attempts": 2, "mode": "standard"},
            ),
            "transfer_config": TransferConfig(num_download_attempts=2),
            "querystring_auth": True,
            "querystring_expire": 7 * 24 * 3600,
            "default_acl": "private",
            "file_overwrite": False,
        },
    }
