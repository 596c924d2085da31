"""Reads from each service with the workload's own token, as an application would with the SDKs."""

import json
import sys

from azure.appconfiguration import AzureAppConfigurationClient
from azure.containerregistry import ContainerRegistryClient
from azure.core.exceptions import HttpResponseError
from azure.cosmos import CosmosClient
from azure.cosmos.exceptions import CosmosHttpResponseError
from azure.identity import WorkloadIdentityCredential, get_bearer_token_provider
from openai import APIStatusError, AzureOpenAI

target = json.loads(sys.argv[1])
credential = WorkloadIdentityCredential(disable_instance_discovery=True)


def read_config():
    client = AzureAppConfigurationClient(target["config"], credential)
    setting = client.get_configuration_setting("shop/color")
    listed = [each.key for each in client.list_configuration_settings(key_filter="shop/*")]
    return [setting.value, listed]


def read_cosmos():
    client = CosmosClient(target["cosmos"], credential)
    container = client.get_database_client("shop").get_container_client("orders")
    item = container.read_item("order-1", partition_key="contoso")
    one = container.query_items(
        "SELECT * FROM c WHERE c.id = @id",
        parameters=[{"name": "@id", "value": "order-1"}],
        partition_key="contoso",
    )
    every = container.query_items("SELECT * FROM c", enable_cross_partition_query=True)
    return [item["total"], [each["id"] for each in one], [each["id"] for each in every]]


def read_openai():
    tokens = get_bearer_token_provider(credential, "https://cognitiveservices.azure.com/.default")
    client = AzureOpenAI(
        azure_endpoint=target["openAi"], azure_ad_token_provider=tokens, api_version="2024-10-21", max_retries=0
    )
    models = [model.id for model in client.models.list()]
    answer = client.chat.completions.create(model="chat", messages=[{"role": "user", "content": "Hello"}])
    return ["gpt-4o" in models, answer.choices[0].message.content]


def read_registry():
    with ContainerRegistryClient(
        target["registry"], credential, audience="https://containerregistry.azure.net"
    ) as client:
        tags = [tag.name for tag in client.list_tag_properties("samples/hello")]
        manifest = client.get_manifest("samples/hello", "v1")
        return [tags, manifest.digest.split(":")[0]]


def outcome(read):
    try:
        return read()
    except CosmosHttpResponseError as error:
        return ["error", error.status_code, error.sub_status]
    except HttpResponseError as error:
        return ["error", error.status_code]
    except APIStatusError as error:
        return ["error", error.status_code, error.code]


print(
    json.dumps(
        {
            "config": outcome(read_config),
            "cosmos": outcome(read_cosmos),
            "openAi": outcome(read_openai),
            "registry": outcome(read_registry),
        }
    )
)
