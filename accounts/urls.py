"""Addresses of the accounts pages."""

from django.urls import URLPattern, URLResolver, path

from accounts.views import entry, home, oversight, profile

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("login/", entry.sign_in, name="sign_in"),
    path("logout/", entry.sign_out, name="sign_out"),
    path("live/session/", entry.session_state, name="session_state"),
    path("session/stay/", entry.session_stay, name="session_stay"),
    path("profile/", profile.profile, name="profile"),
    path("profile/appearance/", profile.appearance, name="appearance"),
    path("profile/settings/", profile.settings, name="profile_settings"),
    path("profile/password/", profile.password, name="profile_password"),
    path("profile/sessions/end/", profile.end_sessions, name="profile_end_sessions"),
    path("audit/", oversight.audit_trail, name="audit"),
    path("audit/export/", oversight.audit_export, name="audit_export"),
    path("people/", oversight.people, name="people"),
    path("people/<int:pk>/sessions/end/", oversight.end_sessions, name="people_end_sessions"),
]
