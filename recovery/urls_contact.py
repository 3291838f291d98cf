"""Addresses of contact: how people may be reached, what is said to them, what a clinic decided about it."""

from django.urls import URLPattern, URLResolver, path

from recovery.views import contact, contact_settings

contact_patterns: list[URLPattern | URLResolver] = [
    path("recovery/<int:pk>/contact/", contact.contact, name="contact"),
    path("recovery/<int:pk>/contact/mark/", contact.mark, name="contact_mark"),
    path("recovery/<int:pk>/contact/consent/", contact.consent, name="contact_consent"),
    path("recovery/<int:pk>/reveal/", contact.reveal, name="reveal"),
    path("recovery/reveals/", contact.reveals, name="reveals"),
    path("recovery/templates/", contact_settings.templates, name="templates"),
    path("recovery/templates/write/", contact_settings.write, name="template_write"),
    path("recovery/templates/<int:pk>/approve/", contact_settings.approve, name="template_approve"),
    path("recovery/templates/<int:pk>/retire/", contact_settings.retire, name="template_retire"),
    path("recovery/settings/contact/", contact_settings.policies, name="contact_policies"),
    path("recovery/settings/contact/<int:pk>/", contact_settings.policy, name="contact_policy"),
    path("recovery/settings/languages/", contact_settings.languages, name="languages"),
    path("recovery/settings/languages/<int:pk>/", contact_settings.set_person_languages, name="languages_of"),
]
