"""Texts of real agent runs, when the data is at hand."""

import glob
import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))


def strings(value):
    """String attribute values of an OTLP document, wherever they are."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == 'stringValue' and isinstance(inner, str):
                yield inner
            else:
                yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def messages():
    """All messages, or None without the data."""
    data = os.environ.get('MAESTRO_DATA') or os.path.join(HERE, '../../../shared/data')
    folder = os.path.join(data, 'agent-traces')
    texts = []
    for name in sorted(glob.glob(os.path.join(folder, '*.otlp.json'))):
        with open(name, encoding='utf-8') as file:
            texts += strings(json.load(file))
    for name in sorted(glob.glob(os.path.join(folder, '*.jsonl'))):
        with open(name, encoding='utf-8') as file:
            for line in file:
                steps = json.loads(line).get('history', ())
                texts += [step['content'] for step in steps
                          if isinstance(step.get('content'), str)]
    return [text.replace('\0', '') for text in texts] or None
