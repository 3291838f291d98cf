"""What gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from config.web.warming import warm

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
warm()
