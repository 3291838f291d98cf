"""Addresses of the pages where people see and change who gets exceptions and who is told."""

from django.urls import URLPattern, URLResolver, path

from exceptions.views import duties, endpoints, maintenance, policies, routing, routing_changes

settings_patterns: list[URLPattern | URLResolver] = [
    path("exceptions/routing/", routing.routing, name="routing"),
    path("exceptions/routing/new/", routing.new_rule, name="rule_new"),
    path("exceptions/routing/add/", routing_changes.add, name="rule_add"),
    path("exceptions/routing/again/", routing.again, name="routing_again"),
    path("exceptions/routing/<int:pk>/", routing.rule, name="rule"),
    path("exceptions/routing/<int:pk>/change/", routing_changes.change, name="rule_try"),
    path("exceptions/routing/<int:pk>/move/", routing_changes.move, name="rule_move"),
    path("exceptions/routing/<int:pk>/switch/", routing_changes.switch, name="rule_switch"),
    path("exceptions/policies/", policies.policies, name="policies"),
    path("exceptions/policies/new/", policies.new_policy, name="policy_new"),
    path("exceptions/policies/<int:pk>/", policies.policy, name="policy"),
    path("exceptions/policies/<int:pk>/renew/", policies.renew, name="policy_renew"),
    path("exceptions/duties/", duties.duties, name="duties"),
    path("exceptions/duties/<int:pk>/", duties.team_duties, name="team_duties"),
    path("exceptions/maintenance/", maintenance.maintenance, name="maintenance"),
    path("exceptions/maintenance/<int:pk>/end/", maintenance.end, name="maintenance_end"),
    path("exceptions/endpoints/", endpoints.endpoints, name="endpoints"),
    path("exceptions/endpoints/add/", endpoints.add, name="endpoint_add"),
    path("exceptions/endpoints/<int:pk>/", endpoints.endpoint, name="endpoint"),
    path("exceptions/endpoints/<int:pk>/secret/", endpoints.secret, name="endpoint_secret"),
    path("exceptions/endpoints/<int:pk>/test/", endpoints.test, name="endpoint_test"),
]
