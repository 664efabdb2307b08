"""Writes how every task of a run ended to the file that OBSERVE_RESULTS names, one JSON document at the end."""

import json
import os

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
    name: observe
    type: notification
    short_description: results of a run as JSON
    description: Writes the results of all tasks and the recap to one file.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "observe"
    CALLBACK_NEEDS_ENABLED = False

    def __init__(self):
        super().__init__()
        self.tasks = []

    def _record(self, result, status, ignored=False):
        task = result.task
        name = task.name or task.action
        value = result.result
        if status == "ok" and value.get("changed"):
            status = "changed"
        entry = {"host": result.host.name, "task": str(name), "module": task.action.rsplit(".", 1)[-1], "status": status}
        if ignored:
            entry["ignored"] = True
        entry["result"] = json.loads(json.dumps(value, default=str))
        self.tasks.append(entry)

    def v2_runner_on_ok(self, result):
        self._record(result, "ok")

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._record(result, "failed", ignore_errors)

    def v2_runner_on_skipped(self, result):
        self._record(result, "skipped")

    def v2_runner_on_unreachable(self, result):
        self._record(result, "unreachable")

    def v2_playbook_on_stats(self, stats):
        recap = {}
        for host in sorted(stats.processed):
            counts = stats.summarize(host)
            recap[host] = {
                "ok": counts["ok"],
                "changed": counts["changed"],
                "unreachable": counts["unreachable"],
                "failed": counts["failures"],
                "skipped": counts["skipped"],
                "rescued": counts["rescued"],
                "ignored": counts["ignored"],
            }
        with open(os.environ["OBSERVE_RESULTS"], "w", encoding="utf-8") as file:
            json.dump({"recap": recap, "tasks": self.tasks}, file)
