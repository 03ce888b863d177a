"""The official Python client of Bedrock as a client of the benchmark: python client.py URL"""

import sys

from anthropic import AnthropicBedrock

client = AnthropicBedrock(api_key="bench", aws_region="eu-west-1", base_url=sys.argv[1], max_retries=0)
with client.messages.stream(
    model="eu.anthropic.claude-opus-5-5",
    max_tokens=1024,
    messages=[{"role": "user", "content": "Hello"}],
) as stream:
    print(len(stream.get_final_text().encode()))
