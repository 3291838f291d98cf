"""What is made ready before the first request."""

from django.conf import settings
from django.template import Engine
from django.template.loaders.cached import Loader

from config.web.warming import warm


def test_every_template_is_compiled_before_the_first_request():
    (loader,) = Engine.get_default().template_loaders
    assert isinstance(loader, Loader)
    loader.reset()

    names = warm()

    files = settings.BASE_DIR.joinpath("templates").rglob("*.html")
    assert sorted(names) == sorted(str(file.relative_to(settings.BASE_DIR / "templates")) for file in files)
    assert set(names) <= {template.origin.template_name for template in loader.get_template_cache.values()}
