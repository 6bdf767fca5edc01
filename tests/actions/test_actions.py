"""The actions, as Rasa's own server finds them."""

from rasa_sdk.executor import ActionExecutor

from actions import ACTIONS


def test_the_action_server_of_rasa_finds_them_all():
    executor = ActionExecutor()
    executor.register_package("actions")
    assert {kind.action_name for kind in ACTIONS} <= set(executor.actions)
    assert "" not in executor.actions
