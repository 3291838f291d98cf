"""The ways out of the desk, one file each. The notice in the desk is none: it is delivered by being written."""

from exceptions.notices.channels.email import EmailChannel
from exceptions.notices.channels.kinds import ChannelKind
from exceptions.notices.channels.webhook import WebhookChannel
from exceptions.vocabulary import Channel

CHANNELS: dict[Channel, ChannelKind] = {
    Channel.EMAIL: EmailChannel(),
    Channel.WEBHOOK: WebhookChannel(),
}


def ready_channels() -> list[Channel]:
    """The channels that are set up."""
    return [channel for channel, kind in CHANNELS.items() if kind.is_set_up()]
