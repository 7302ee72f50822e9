"""Imported by the fork server: Apprise's plugins are loaded once there, and no sender waits for them."""

from feedwatch.edges.apprise import warm_up

warm_up()
