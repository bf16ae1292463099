"""A stand-in for AWS on loopback: moto's server with the gaps closed that this project meets.

`python <folder>` serves on a free port, and says which on its first line. It is started
by package rehearse, which also runs what ECS is told to run (see ecs.py).

ECR_PROXY_ENDPOINT is where GetAuthorizationToken sends clients: a real OCI registry.
"""

import os
import signal
import sys

# Terraform reads AWS's managed policies when it attaches them; moto leaves them out to start quicker.
os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
# A certificate is issued as soon as it is asked for, instead of after a minute.
os.environ.setdefault("MOTO_ACM_VALIDATION_WAIT", "0")

import account
import ecs
import gaps

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server


class QuietHandler(MotoRequestHandler):
    """Thousands of requests are not worth a line each."""

    def log_request(self, *_):
        pass


def main():
    gaps.close()
    ecs.close()
    account.prepare()
    aws = DomainDispatcherApplication(create_backend_app)

    def application(environ, start_response):
        if environ["PATH_INFO"] == ecs.REPORT_PATH:
            return ecs.report(environ, start_response)
        return aws(environ, start_response)

    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=QuietHandler)
    os.environ["MOTO_PORT"] = str(server.port)  # what moto builds URLs with
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"http://127.0.0.1:{server.port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
