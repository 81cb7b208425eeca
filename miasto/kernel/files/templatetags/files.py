"""Addresses of files in templates."""

from uuid import UUID

from django import template

from miasto.kernel.files.signing import link

register = template.Library()


@register.simple_tag
def file_url(file_id: UUID, variant: str = "thumb") -> str:
    """The signed address of a variant: ``{% load files %}{% file_url photo.file_id "thumb" %}``."""
    return link(file_id, variant)
