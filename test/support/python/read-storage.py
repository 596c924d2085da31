"""Reads from each service of a storage account with the workload's own token, and writes where it may."""

import json
import sys

from azure.core.exceptions import HttpResponseError
from azure.data.tables import TableClient
from azure.identity import WorkloadIdentityCredential
from azure.storage.blob import BlobServiceClient, ContentSettings
from azure.storage.filedatalake import FileSystemClient
from azure.storage.queue import QueueClient

endpoints = json.loads(sys.argv[1])
writes = sys.argv[2] == "write"
credential = WorkloadIdentityCredential(disable_instance_discovery=True)


def use_blob():
    service = BlobServiceClient(endpoints["blob"], credential)
    container = service.get_container_client("orders")
    if writes:
        container.upload_blob(
            "new.json", b'{"id":2}', overwrite=True, content_settings=ContentSettings("application/json")
        )
    names = sorted(blob.name for blob in container.list_blobs())
    content = container.download_blob("one.json").readall().decode()
    blob = container.get_blob_client("one.json")
    return [names, content, blob.get_blob_properties().content_settings.content_type, blob.exists()]


def use_lake():
    system = FileSystemClient(endpoints["dfs"], "orders", credential)
    names = sorted(path.name for path in system.get_paths(recursive=False))
    return [names, system.get_file_client("one.json").download_file().readall().decode()]


def use_queue():
    queue = QueueClient(endpoints["queue"], "jobs", credential=credential)
    if writes:
        queue.send_message("sent <again> & again")
    peeked = [message.content for message in queue.peek_messages(5)]
    if writes:
        for message in queue.receive_messages():
            queue.delete_message(message)
    return [peeked, queue.get_queue_properties().approximate_message_count]


def use_table():
    table = TableClient(endpoints["table"], "stock", credential=credential)
    if writes:
        table.upsert_entity({"PartitionKey": "p", "RowKey": "new", "count": 7})
    found = table.query_entities("PartitionKey eq 'p'", results_per_page=1)
    return [sorted(entity["RowKey"] for entity in found), table.get_entity("p", "one")["count"]]


def outcome(use):
    try:
        return use()
    except HttpResponseError as error:
        code = getattr(error, "error_code", None)
        return ["error", error.status_code, str(getattr(code, "value", code))]


uses = {"blob": use_blob, "dfs": use_lake, "queue": use_queue, "table": use_table}
print(json.dumps({name: outcome(use) for name, use in uses.items()}))
