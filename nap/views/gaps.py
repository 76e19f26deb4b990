from django.http import Http404


def gaps(request, **kwargs):
    raise Http404


def gaps_csv(request, **kwargs):
    raise Http404
