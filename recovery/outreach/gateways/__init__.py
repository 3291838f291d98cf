"""The ways out to patients, one file each. Which one carries a channel is a setting; empty means off (the default)."""

from django.conf import settings

from recovery.outreach.gateways.kinds import Gateway
from recovery.outreach.gateways.local import LocalGateway
from recovery.outreach.gateways.signed_http import SignedHttpGateway
from recovery.outreach.gateways.smtp import SmtpGateway
from recovery.vocabulary import OutreachChannel

LOCAL = "local"
GATEWAYS: dict[str, Gateway] = {
    "smtp": SmtpGateway(),
    "signed_http": SignedHttpGateway(),
    LOCAL: LocalGateway(),
}


def chosen_gateways() -> dict[OutreachChannel, str]:
    """The gateway's name of each channel that is switched on and set up."""
    wanted = {OutreachChannel.TEXT: settings.OUTREACH_TEXT, OutreachChannel.EMAIL: settings.OUTREACH_EMAIL}
    return {channel: name for channel, name in wanted.items() if is_ready(channel, name)}


def is_ready(channel: OutreachChannel, name: str) -> bool:
    """Whether a gateway can carry a channel now."""
    gateway = GATEWAYS.get(name)
    return gateway is not None and channel in gateway.channels and gateway.is_set_up()


def is_switched_on(channel: OutreachChannel) -> bool:
    """Whether messages of a channel can leave the desk."""
    return channel in chosen_gateways()


def has_local() -> bool:
    """Whether a channel is carried by the demonstration's gateway."""
    return LOCAL in chosen_gateways().values()
