from django.http import Http404


def people(request, **kwargs):
    raise Http404


def membership_create(request, **kwargs):
    raise Http404


def membership_end(request, **kwargs):
    raise Http404


def actor_create(request, **kwargs):
    raise Http404


def actor_edit(request, **kwargs):
    raise Http404


def stand_in(request, **kwargs):
    raise Http404
