"""Starting the serving process: `python -m classifier.serving`."""

import os

import django
import uvicorn


def main() -> None:
    """Serve on SERVING_HOST and SERVING_PORT until told to stop; accepted requests are finished."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from classifier.serving.app import create_app

    uvicorn.run(
        create_app(),
        host=os.environ.get("SERVING_HOST", "127.0.0.1"),
        port=int(os.environ.get("SERVING_PORT", "8001")),
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=30,
        timeout_keep_alive=30,
    )


if __name__ == "__main__":
    main()
