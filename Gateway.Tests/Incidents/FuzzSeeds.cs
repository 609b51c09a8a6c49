namespace Gateway.Tests.Incidents;

/// <summary>A valid call, from which others are made.</summary>
/// <param name="Type">Its content type.</param>
internal sealed record FuzzSeed(string Method, string Path, string Body, string Type = "application/json");

/// <summary>One valid call at least of every route that takes a body, and what odd ones are made of.</summary>
internal static class FuzzSeeds
{
    private const string Form = "multipart/form-data; boundary=b";

    /// <summary>Models: <c>m</c> of an OpenAI-shaped provider, <c>a</c> of Anthropic's, <c>g</c> of Google's, <c>c</c> of Cohere's wire, so that each wire is also translated.</summary>
    public static readonly FuzzSeed[] DataPlane =
    [
        .. Each("mag", "/v1/chat/completions", """{"model":"MODEL","messages":[{"role":"system","content":"s"},{"role":"user","content":"hé"},{"role":"assistant","content":[{"type":"text","text":"x"}],"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"r"}],"max_tokens":5,"stream":false,"stream_options":{"include_usage":true},"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}],"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}},"omni_metadata":{"a":"b"}}"""),
        .. Each("mag", "/v1/chat/completions", """{"model":"MODEL","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}},{"type":"input_audio","input_audio":{"data":"AA==","format":"wav"}}]}],"n":1,"temperature":0.5,"stop":["x"],"omni_route":null,"omni_provider":null}"""),
        .. Each("mag", "/v1/responses", """{"model":"MODEL","input":[{"role":"user","content":[{"type":"input_text","text":"x"}]},{"type":"function_call","call_id":"a","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"a","output":"r"}],"max_output_tokens":16,"store":false,"tools":[{"type":"function","name":"f"}],"reasoning":{"effort":"low"},"text":{"format":{"type":"text"}}}"""),
        .. Each("mag", "/v1/messages", """{"model":"MODEL","max_tokens":5,"system":[{"type":"text","text":"s"}],"messages":[{"role":"user","content":[{"type":"text","text":"x","cache_control":{"type":"ephemeral"}},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA=="}}]},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"r"}]}],"tools":[{"name":"f","input_schema":{"type":"object"}}],"thinking":{"type":"enabled","budget_tokens":1024}}"""),
        .. Each("mag", "/v1beta/models/MODEL:generateContent", """{"systemInstruction":{"parts":[{"text":"s"}]},"contents":[{"role":"user","parts":[{"text":"x"},{"inlineData":{"mimeType":"image/png","data":"AA=="}}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{}}}]}],"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"object"}}]}],"generationConfig":{"maxOutputTokens":5,"thinkingConfig":{"thinkingBudget":0}}}"""),
        Post("/v1beta/models/m:streamGenerateContent?alt=sse", """{"contents":[{"parts":[{"text":"x"}]}]}"""),
        Post("/v1beta/models/m:streamGenerateContent", """{"contents":[{"parts":[{"text":"x"}]}]}"""),
        Post("/v1beta/models/g:countTokens", """{"contents":[{"parts":[{"text":"x"}]}]}"""),
        .. Each("mg", "/v1beta/models/MODEL:embedContent", """{"content":{"parts":[{"text":"x"}]},"taskType":"RETRIEVAL_QUERY","outputDimensionality":8}"""),
        .. Each("mg", "/v1beta/models/MODEL:batchEmbedContents", """{"requests":[{"model":"models/MODEL","content":{"parts":[{"text":"x"}]} }]}"""),
        Post("/v1/messages/count_tokens", """{"model":"a","messages":[{"role":"user","content":"x"}]}"""),
        Post("/v1/completions", """{"model":"m","prompt":["a","b"],"max_tokens":5,"logit_bias":{"1":-100}}"""),
        .. Each("mgc", "/v1/embeddings", """{"model":"MODEL","input":["a","b"],"encoding_format":"float","dimensions":8}"""),
        Post("/v1/embeddings", """{"model":"m","input":["a",[1,2,3]],"encoding_format":"base64"}"""),
        .. Each("mc", "/v1/rerank", """{"model":"MODEL","query":"q","documents":["a",{"text":"b"}],"top_n":1,"return_documents":true}"""),
        .. Each("mc", "/v2/rerank", """{"model":"MODEL","query":"q","documents":["a","b"],"top_n":1,"max_tokens_per_doc":10}"""),
        .. Each("mc", "/v2/embed", """{"model":"MODEL","texts":["a","b"],"input_type":"search_query","embedding_types":["float"]}"""),
        Post("/v1/moderations", """{"model":"m","input":["a",{"type":"text","text":"b"}]}"""),
        .. Each("mg", "/v1/images/generations", """{"model":"MODEL","prompt":"p","n":1,"size":"1024x1024","response_format":"b64_json"}"""),
        .. Each("mg", "/v1/audio/speech", """{"model":"MODEL","input":"say","voice":"alloy","response_format":"mp3","speed":1.0}"""),
        .. "mg".Select(model => FormOf("/v1/audio/transcriptions", model.ToString(), "file", ("response_format", "json"), ("temperature", "0"), ("timestamp_granularities[]", "word"))),
        FormOf("/v1/audio/translations", "m", "file", ("prompt", "p")),
        FormOf("/v1/images/edits", "m", "image[]", ("prompt", "p"), ("n", "1")),
        FormOf("/openai/deployments/m/audio/transcriptions?api-version=2024-10-21", "m", "file"),
        Post("/openai/deployments/m/chat/completions?api-version=2024-10-21", """{"messages":[{"role":"user","content":"x"}]}"""),
        Post("/openai/v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":"x"}]}"""),
        Post("/v1/batches", """{"input_file_id":"file-1","endpoint":"/v1/chat/completions","completion_window":"24h"}"""),
        FormOf("/v1/files", "m", "file", ("purpose", "batch")),
        Post("/providers/openai/v1/anything", """{"a":1}"""),
        Post("/v1/responses/resp_1/cancel", "{}"),
        new("GET", "/v1/responses/resp_1/input_items?limit=2&after=x&order=asc", ""),
        new("GET", "/v1/models/m", ""),
        new("GET", "/v1beta/models?pageSize=2&pageToken=x", ""),
    ];

    public static readonly FuzzSeed[] AdminApi =
    [
        Post("models", """{"name":"m2","aliases":["a"],"default_params":{"temperature":1},"backends":[{"url":"https://h.example/v1","weight":1,"priority":0}],"on_loss":"warn","max_output_tokens":5,"transforms":{"system_prompt_prefix":"x"},"reasoning_config":{"enabled":true},"routing_policy":"weighted","max_concurrency":1}"""),
        Put("models/{model}", """{"name":"m","aliases":["b"],"default_route":null,"description":"d","active":true}"""),
        Post("models/{model}/backends", """{"provider":"p","upstream_model":"u","weight":5,"priority":1,"active":true}"""),
        Post("providers", """{"name":"p2","kind":"openai","base_url":"https://p.example","settings":{"timeout_ms":5},"credentials":[{"label":"l","secret":"s","rpm_limit":1}]}"""),
        Put("providers/{provider}", """{"name":"p","base_url":"https://p.example","credentials":[{"label":"l","secret":"s2"}],"draining":false,"settings":{"health_check":{"type":"http"}}}"""),
        Post("routes", """{"name":"r","steps":[{"model":"m","timeout_ms":5,"retries":1,"backoff_ms":1}],"retry_on":["timeout"]}"""),
        Post("keys", """{"name":"k2","rpm_limit":1,"tpm_limit":1,"max_parallel":1,"allowed_models":["a*"],"expires_at":"2030-01-01T00:00:00Z","owner":"o","default_provider":"p"}"""),
        Put("keys/{key}", """{"name":"k","rpm_limit":null,"team":null,"active":true,"allow_routing":false}"""),
        Post("teams", """{"name":"t","allowed_models":["a"],"owners":["o"]}"""),
        Put("limits/gateway", """{"rpm_limit":1000,"tpm_limit":2000000,"max_parallel":50}"""),
        Put("limits/model/m", """{"rpm_limit":0}"""),
        Post("budgets", """{"name":"b","scope":"gateway","amount_usd":"1.5","period":"month","time_zone":"Asia/Tokyo","extra_usd":"1","extra_until":"2030-01-01T00:00:00Z","hard":false}"""),
        Post("prices", """{"model":"x","input_per_million":"1","output_per_million":"2.5","effective_from":"2026-01-01T00:00:00Z","source_url":"https://x.example"}"""),
        Post("chaos", """{"fault":"error_500","provider":"p","rate":0.5,"delay_ms":5,"seconds":1}"""),
        Post("ledger/reprice", """{"from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z","dry_run":true}"""),
        new("POST", "ledger/reconcile?provider=p&tolerance_percent=1", "date,model,cost\n2026-01-01,m,1.5\n", "text/csv"),
        new("GET", "usage?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&group_by=model&interval=1h&key_id=k&model=m", ""),
        new("GET", "requests?limit=10&after=x&status=200&model=m&from=2026-01-01T00:00:00Z&error_kind=timeout", ""),
        new("GET", "audit?limit=10&after=x&actor=a&action=key.create", ""),
        new("GET", "ledger?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z", ""),
        new("GET", "keys?limit=10&after=x", ""),
    ];

    /// <summary>What is put into bodies.</summary>
    public static readonly string[] Grammar =
    [
        "{", "}", "[", "]", ":", ",", "\"", "\\", "null", "true", "false", "-", "1e999", "1e-999", "99999999999999999999", "-0.0", "0.1", "\"\\ud800\"", "\"\\u0000\"", "\\u006dodel",
        "//", "/*", "NaN", "\ufeff", " ", "\n", "\r\n", "--b", "--b--", "\r\n\r\n", "Content-Disposition: form-data; name=\"model\"", "\"model\":", "\"messages\":[", "\"m\"", "\"a\"", "\"g\"", "{\"a\":",
        "[[[[[[[[", "\"\"", "\"stream\":1", "\"stream\":true", "\"type\":\"text\"", "\"content\":null", "\"n\":-1", "data:;base64,", "https://h.example/x.png", "%00", "&&", "=", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
    ];

    private static FuzzSeed Post(string path, string body) => new("POST", path, body);

    private static FuzzSeed Put(string path, string body) => new("PUT", path, body);

    private static IEnumerable<FuzzSeed> Each(string models, string path, string body) => models.Select(m => m.ToString())
        .Select(m => Post(path.Replace("MODEL", m, StringComparison.Ordinal), body.Replace("MODEL", m, StringComparison.Ordinal)));

    private static FuzzSeed FormOf(string path, string model, string file, params (string Name, string Value)[] fields) => new(
        "POST",
        path,
        $"--b\r\nContent-Disposition: form-data; name=\"{file}\"; filename=\"a.wav\"\r\nContent-Type: audio/wav\r\n\r\nRIFF....WAVEfmt data\r\n"
            + string.Concat(fields.Append(("model", model)).Select(f => $"--b\r\nContent-Disposition: form-data; name=\"{f.Item1}\"\r\n\r\n{f.Item2}\r\n")) + "--b--\r\n",
        Form);
}
