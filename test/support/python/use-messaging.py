"""Sends, receives and reads with the workload's own token, as an application would with the SDKs."""

import json
import os
import sys
import threading
from urllib.parse import urlparse

from azure.core.exceptions import AzureError
from azure.eventhub import EventData, EventHubConsumerClient, EventHubProducerClient
from azure.eventhub.exceptions import EventHubError
from azure.identity import WorkloadIdentityCredential
from azure.servicebus import ServiceBusClient, ServiceBusMessage, ServiceBusReceiveMode, TransportType
from azure.servicebus.exceptions import ServiceBusError

target = json.loads(sys.argv[1])
credential = WorkloadIdentityCredential(disable_instance_discovery=True)
proxy = urlparse(os.environ["HTTPS_PROXY"])


def connection(endpoint):
    return {
        "credential": credential,
        "transport_type": TransportType.AmqpOverWebsocket,
        "connection_verify": os.environ["SSL_CERT_FILE"],
        "custom_endpoint_address": endpoint,
        "http_proxy": {"proxy_hostname": proxy.hostname, "proxy_port": proxy.port},
        "retry_total": 0,
    }


def service_bus():
    return ServiceBusClient(urlparse(target["serviceBus"]).hostname, **connection(target["serviceBus"]))


def text(message):
    return b"".join(message.body).decode()


def send_queue():
    with service_bus() as client, client.get_queue_sender("orders") as sender:
        sender.send_messages(ServiceBusMessage("one", application_properties={"size": 7}))
        sender.send_messages([ServiceBusMessage("two"), ServiceBusMessage("three"), ServiceBusMessage("four")])
    return "sent"


def peek_queue():
    with service_bus() as client, client.get_queue_receiver("orders") as receiver:
        return [[text(each), each.sequence_number] for each in receiver.peek_messages(max_message_count=9)]


def receive_queue():
    with service_bus() as client:
        with client.get_queue_receiver("orders") as receiver:
            first, second, third = receiver.receive_messages(max_message_count=3, max_wait_time=5)
            receiver.renew_message_lock(first)
            receiver.complete_message(first)
            receiver.abandon_message(second)
            receiver.dead_letter_message(third, reason="broken")
        with client.get_queue_receiver(
            "orders", receive_mode=ServiceBusReceiveMode.RECEIVE_AND_DELETE
        ) as receiver:
            rest = receiver.receive_messages(max_message_count=2, max_wait_time=5)
        with client.get_queue_receiver("orders", sub_queue="deadletter") as receiver:
            dead = receiver.peek_messages()
    properties = {key.decode(): value for key, value in first.application_properties.items()}
    return [
        [text(first), properties, first.delivery_count],
        [[text(each), each.delivery_count] for each in rest],
        [text(each) for each in dead],
    ]


def use_topic():
    with service_bus() as client:
        with client.get_topic_sender("news") as sender:
            sender.send_messages(ServiceBusMessage("hello"))
        with client.get_subscription_receiver("news", "all") as receiver:
            messages = receiver.receive_messages(max_message_count=1, max_wait_time=5)
            for message in messages:
                receiver.complete_message(message)
            return [text(message) for message in messages]


def hub_options():
    return {
        "fully_qualified_namespace": urlparse(target["eventHub"]).hostname,
        "eventhub_name": target.get("hub", "clicks"),
        **connection(target["eventHub"]),
    }


def read_hub():
    with EventHubConsumerClient(consumer_group="$Default", **hub_options()) as client:
        hub = client.get_eventhub_properties()
        partition = client.get_partition_properties("0")
    return [hub["eventhub_name"], hub["partition_ids"], partition["is_empty"]]


def send_events():
    with EventHubProducerClient(**hub_options()) as client:
        batch = client.create_batch(partition_id="1")
        batch.add(EventData("click"))
        batch.add(EventData("clack"))
        client.send_batch(batch)
    return "sent"


def receive_events():
    received = []
    done = threading.Event()

    def on_batch(context, events):
        received.extend([event.body_as_str(), event.sequence_number] for event in events)
        if len(received) >= 2:
            done.set()

    client = EventHubConsumerClient(consumer_group="$Default", **hub_options())
    options = {"partition_id": "1", "starting_position": "-1", "max_wait_time": 1}
    worker = threading.Thread(target=client.receive_batch, args=(on_batch,), kwargs=options, daemon=True)
    worker.start()
    done.wait(10)
    client.close()
    return received


def outcome(name):
    try:
        return globals()[name]()
    except (ServiceBusError, EventHubError, AzureError) as error:
        return ["error", type(error).__name__, str(error).splitlines()[0][:160]]


print(json.dumps({name: outcome(name) for name in target["do"]}))
