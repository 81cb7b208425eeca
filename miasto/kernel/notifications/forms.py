"""The form of the choices of channels."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.notifications import selectors, services

CHANNEL_NAMES = {"email": _("e-mail"), "inbox": _("powiadomienie w serwisie"), "push": _("powiadomienie w przeglądarce")}


class PreferencesForm(forms.Form):
    """For each topic the channels that the reader wants; fixed ones are told, not asked."""

    def __init__(self, viewer: Viewer, data: Any = None) -> None:
        super().__init__(data)
        self.viewer = viewer
        self.fixed = []
        self.topics = {}
        for topic, choices in selectors.choices(viewer):
            if topic.urgent:
                self.fixed.append(topic)
                continue
            name = topic.key.replace(".", "-")
            self.topics[name] = (topic, choices)
            self.fields[name] = forms.MultipleChoiceField(
                label=topic.name,
                help_text=topic.summary,
                required=False,
                choices=[(choice.channel, CHANNEL_NAMES[choice.channel]) for choice in choices],
                initial=[choice.channel for choice in choices if choice.wanted],
                widget=forms.CheckboxSelectMultiple(attrs={"group_class": "govuk-checkboxes--small", "hide_optional": True}),
            )

    def save(self) -> None:
        """Keep what changed."""
        for name, (topic, choices) in self.topics.items():
            for choice in choices:
                wanted = choice.channel in self.cleaned_data[name]
                if wanted != choice.wanted:
                    services.choose(topic=topic.key, channel=choice.channel, wanted=wanted, by=self.viewer)
