"""Response headers that Django does not send itself."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


class PermissionsPolicyMiddleware:
    """Switch off the browser's devices: no page here uses any."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the Permissions-Policy header set."""
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", POLICY)
        return response
