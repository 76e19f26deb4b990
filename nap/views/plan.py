from django.http import Http404


def home(request, **kwargs):
    raise Http404


def overview(request, **kwargs):
    raise Http404


def table(request, **kwargs):
    raise Http404


def objective(request, **kwargs):
    raise Http404


def activity(request, **kwargs):
    raise Http404


def actors(request, **kwargs):
    raise Http404


def actor(request, **kwargs):
    raise Http404


def model(request, **kwargs):
    raise Http404


def model_objective(request, **kwargs):
    raise Http404
