"""Addresses of the scheduling pages."""

from django.urls import URLPattern, URLResolver, path

from scheduling.views import (
    appointments,
    feeds,
    intake,
    lab,
    mapping_compare,
    mapping_drops,
    mapping_edits,
    mapping_exchange,
    mapping_packs,
    mapping_precedence,
    mapping_reasons,
    mapping_states,
    mappings,
    messages,
    patients,
    replays,
    search,
    status_paths,
)

app_name = "scheduling"

urlpatterns: list[URLPattern | URLResolver] = [
    path("intake/<slug:key>/", intake.receive, name="intake"),
    path("appointments/", appointments.appointment_list, name="appointments"),
    path("appointments/<int:pk>/", appointments.appointment_detail, name="appointment"),
    path("patients/<int:pk>/", patients.patient_detail, name="patient"),
    path("messages/<int:pk>/", messages.message_detail, name="message"),
    path("messages/<int:pk>/values/", messages.message_values, name="message_values"),
    path("search/", search.search, name="search"),
    path("feeds/", feeds.feed_list, name="feeds"),
    path("feeds/<slug:key>/", feeds.feed_detail, name="feed"),
    path("feeds/<slug:key>/messages/", feeds.feed_messages, name="feed_messages"),
    path("mappings/", mappings.mapping_overview, name="mappings"),
    path("mappings/lab/", lab.message_lab, name="message_lab"),
    path("mappings/<slug:key>/path/", status_paths.mapping_path, name="mapping_path"),
    path("mappings/<slug:key>/compare/", mapping_compare.mapping_compare, name="mapping_compare"),
    path("mappings/<slug:key>/import/", mapping_exchange.mapping_import, name="mapping_import"),
    path("mappings/<slug:key>/r<int:number>/", mapping_states.mapping_revision, name="mapping_revision"),
    *(
        path(
            f"mappings/<slug:key>/r<int:number>/{verb}/",
            mapping_states.revision_verb,
            {"verb": verb},
            name=f"mapping_{verb}",
        )
        for verb in mapping_states.ACTS
    ),
    path("mappings/<slug:key>/rules/", mapping_edits.rule_page, name="mapping_rule"),
    path("mappings/<slug:key>/rules/keep/", mapping_edits.save_rule, name="mapping_rule_keep"),
    path("mappings/<slug:key>/rules/try/", mapping_edits.try_rule, name="mapping_rule_try"),
    path("mappings/<slug:key>/rules/<int:pk>/drop/", mapping_drops.drop_rule, name="mapping_rule_drop"),
    path("mappings/<slug:key>/packs/", mapping_packs.pack, name="mapping_pack"),
    path("mappings/<slug:key>/reasons/", mapping_reasons.reason_list, name="mapping_reasons"),
    path("mappings/<slug:key>/reasons/<int:pk>/drop/", mapping_drops.drop_reason, name="mapping_reason_drop"),
    path("mappings/<slug:key>/precedence/", mapping_precedence.precedence, name="mapping_precedence"),
    path("mappings/<slug:key>/precedence/<int:pk>/drop/", mapping_drops.drop_precedence, name="mapping_leads_drop"),
    path("mappings/<slug:key>/r<int:number>/export.csv", mapping_exchange.mapping_export, name="mapping_export"),
    path("mappings/replays/<int:pk>/", replays.replay_detail, name="replay"),
    path("mappings/replays/<int:pk>/cancel/", replays.replay_verb, {"verb": "cancel"}, name="replay_cancel"),
    path("mappings/replays/<int:pk>/resume/", replays.replay_verb, {"verb": "resume"}, name="replay_resume"),
    path("live/mappings/replays/<int:pk>/", replays.live_progress, name="replay_live"),
]
