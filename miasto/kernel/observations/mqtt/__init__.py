"""Readings over MQTT: in from devices, acknowledged only when they are durable; out to whoever subscribes."""
