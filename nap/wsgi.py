"""The WSGI application that a server such as gunicorn loads: `nap.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nap.settings")
application = get_wsgi_application()
