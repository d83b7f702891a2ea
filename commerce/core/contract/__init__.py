"""What the OpenAPI document says beyond serializers: refusals, headers, examples, deprecations."""
