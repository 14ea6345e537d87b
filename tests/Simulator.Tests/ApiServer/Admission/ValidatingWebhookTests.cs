using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer;
using GpuStack.Simulator.ApiServer.Admission;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Tests.ApiServer.Admission;

public sealed class ValidatingWebhookTests : IAsyncLifetime
{
    private const string Configurations = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
    private const string Gizmos = "/apis/test.gpustack.io/v1/namespaces/default/gizmos";
    private const string Refused = """{"allowed":false,"status":{"code":403,"message":"too small","reason":"Forbidden"}}""";

    private readonly ServiceEndpoints _services = new();
    private ApiServerFixture _fixture = null!;
    private WebhookStand _hook = null!;

    public async ValueTask InitializeAsync()
    {
        _fixture = await ApiServerFixture.StartAsync(TestContext.Current.CancellationToken, new ApiServerOptions { Services = _services });
        _hook = await WebhookStand.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _fixture.DisposeAsync();
        await _hook.DisposeAsync();
    }

    [Fact]
    public async Task A_configuration_is_completed_as_a_real_server_does()
    {
        var (status, stored) = await _fixture.SendAsync(HttpMethod.Post, Configurations, JsonNode.Parse("""
            {"metadata":{"name":"wh"},"webhooks":[{"name":"w.example.io","admissionReviewVersions":["v1"],"sideEffects":"None","timeoutSeconds":1,
             "clientConfig":{"url":"https://127.0.0.1:1/validate"},"rules":[{"apiGroups":["example.io"],"apiVersions":["*"],"operations":["CREATE"],"resources":["widgets"]}]}]}
            """));

        Assert.Equal(201, status);
        var webhook = stored["webhooks"]![0]!;
        Assert.Equal(("Fail", "Equivalent", "*"), (webhook["failurePolicy"].AsText(), webhook["matchPolicy"].AsText(), webhook["rules"]![0]!["scope"].AsText()));
        Assert.Equal("{}", webhook["namespaceSelector"]!.ToJsonString());
        // Server-side apply takes the address apart, so that somebody else may own the caBundle.
        Assert.Equal("""{".":{},"f:url":{}}""", stored["metadata"]!["managedFields"]![0]!["fieldsV1"]!["f:webhooks"]!["""k:{"name":"w.example.io"}"""]!["f:clientConfig"]!.ToJsonString());
    }

    // The words of a recorded exchange with kube-apiserver 1.36.
    [Fact]
    public async Task A_webhook_that_is_not_there_fails_the_write()
    {
        await RegisterAsync("""{"clientConfig":{"url":"https://127.0.0.1:1/validate"},"timeoutSeconds":1}""");

        var (status, answer, _) = await CreateAsync("a");

        const string why = "failed calling webhook \"w.example.io\": failed to call webhook: Post \"https://127.0.0.1:1/validate?timeout=1s\": dial tcp 127.0.0.1:1: connect: connection refused";
        Assert.Equal(500, status);
        Assert.Equal("InternalError", answer["reason"].AsText());
        Assert.Equal($"Internal error occurred: {why}", answer["message"].AsText());
        Assert.Equal(why, answer["details"]!["causes"]![0]!["message"].AsText());
    }

    [Theory]
    [InlineData("""{"clientConfig":{"url":"https://127.0.0.1:1/validate"},"failurePolicy":"Ignore"}""")]
    [InlineData("""{"clientConfig":{"service":{"namespace":"default","name":"nobody"}},"failurePolicy":"Ignore"}""")]
    public async Task A_webhook_that_is_not_there_is_passed_over_with_Ignore(string change)
    {
        await RegisterAsync(change);

        Assert.Equal(201, (await CreateAsync("a")).Status);
    }

    [Fact]
    public async Task A_refusal_is_answered_in_the_webhooks_words_and_nothing_is_stored()
    {
        _hook.Verdict = _ => JsonNode.Parse(Refused)!.AsObject();
        await RegisterAsync();

        var (status, answer, _) = await CreateAsync("a");

        Assert.Equal(403, status);
        Assert.Equal(("Forbidden", "admission webhook \"w.example.io\" denied the request: too small"), (answer["reason"].AsText(), answer["message"].AsText()));
        Assert.Null(_fixture.Store.Get(new ResourceKey("test.gpustack.io", "gizmos"), "default", "a"));
    }

    [Theory]
    [InlineData("""{"allowed":false}""", 400, "denied the request without explanation")]
    [InlineData("{}", 400, "denied the request without explanation")]
    [InlineData("""{"allowed":false,"status":{"code":200,"reason":"BecauseISaySo"}}""", 400, "denied the request: BecauseISaySo")]
    [InlineData("""{"allowed":false,"status":{"code":422,"reason":"Invalid","message":"no","details":{"name":"a"}}}""", 422, "denied the request: no")]
    public async Task A_refusal_without_a_message_says_what_there_is(string verdict, int code, string words)
    {
        _hook.Verdict = _ => JsonNode.Parse(verdict)!.AsObject();
        await RegisterAsync();

        var (status, answer, _) = await CreateAsync("a");

        Assert.Equal(code, status);
        Assert.EndsWith(words, answer["message"].AsText(), StringComparison.Ordinal);
        Assert.Equal(code == 422 ? "a" : null, answer["details"]?["name"].AsText());
    }

    [Fact]
    public async Task The_schema_is_checked_before_and_a_broken_object_is_asked_about_no_more()
    {
        await RegisterAsync();

        var (status, _) = await _fixture.SendAsync(HttpMethod.Post, Gizmos, JsonNode.Parse("""{"metadata":{"name":"a"},"spec":{"color":5}}"""));

        Assert.Equal(422, status);
        Assert.Empty(_hook.Asked);
    }

    [Theory]
    [InlineData(true, 201)]
    [InlineData(false, 403)]
    public async Task Warnings_are_headers_whatever_the_verdict(bool allowed, int status)
    {
        _hook.Verdict = _ => new JsonObject
        {
            ["allowed"] = allowed,
            ["status"] = new JsonObject { ["code"] = 403, ["message"] = "x" },
            ["warnings"] = new JsonArray("say \"when\" – now", "say \"when\" – now", "a line\nbreak is no header", "two"),
        };
        await RegisterAsync();

        var answer = await CreateAsync("a");

        Assert.Equal(status, answer.Status);
        Assert.Equal(["299 - \"say \\\"when\\\" – now\"", "299 - \"two\""], answer.Warnings);
    }

    [Fact]
    public async Task The_review_says_who_what_and_how()
    {
        await RegisterAsync("""{"rules":[{"apiGroups":["*"],"apiVersions":["*"],"operations":["*"],"resources":["gizmos","gizmos/*"]}]}""");
        await CreateAsync("a");
        await PatchAsync("a?dryRun=All&fieldManager=me", """{"spec":{"color":"green"}}""");
        await PatchAsync("a/scale", """{"spec":{"replicas":3}}""");
        await _fixture.SendAsync(HttpMethod.Delete, $"{Gizmos}/a");

        var (created, dry, scaled, deleted) = (_hook.Asked.ElementAt(0), _hook.Asked.ElementAt(1), _hook.Asked.ElementAt(2), _hook.Asked.ElementAt(3));
        Assert.Equal(("CREATE", "a", "default", null), (created["operation"].AsText(), created["name"].AsText(), created["namespace"].AsText(), created["oldObject"]));
        Assert.Equal("""{"group":"test.gpustack.io","version":"v1","kind":"Gizmo"}""", created["kind"]!.ToJsonString());
        Assert.Equal("""{"group":"test.gpustack.io","version":"v1","resource":"gizmos"}""", created["resource"]!.ToJsonString());
        Assert.Equal(("red", "CreateOptions"), (created["object"]!["spec"]!["color"].AsText(), created["options"]!["kind"].AsText()));
        Assert.Equal(("UPDATE", true, "me"), (dry["operation"].AsText(), dry["dryRun"].AsBool(), dry["options"]!["fieldManager"].AsText()));
        Assert.Equal(("green", "red"), (dry["object"]!["spec"]!["color"].AsText(), dry["oldObject"]!["spec"]!["color"].AsText()));
        Assert.Equal(("Scale", "scale", 3), (scaled["kind"]!["kind"].AsText(), scaled["subResource"].AsText(), scaled["object"]!["spec"]!["replicas"].AsLong()));
        Assert.Equal("""["All"]""", dry["options"]!["dryRun"]!.ToJsonString());
        Assert.Equal(("DeleteOptions", null), (deleted["options"]!["kind"].AsText(), deleted["options"]!["fieldManager"]));
        Assert.Contains("system:authenticated", created["userInfo"]!["groups"]!.AsArray().Select(group => group.AsText()));
        Assert.False(string.IsNullOrEmpty(created["userInfo"]!["username"].AsText()));
        Assert.Equal(("DELETE", null, "a"), (deleted["operation"].AsText(), deleted["object"], deleted["oldObject"]!["metadata"]!["name"].AsText()));
    }

    [Theory]
    [InlineData("""{"rules":[{"apiGroups":["test.gpustack.io"],"apiVersions":["v1"],"operations":["CREATE"],"resources":["gizmos"]}]}""", 1)]
    [InlineData("""{"rules":[{"apiGroups":["*"],"apiVersions":["*"],"operations":["*"],"resources":["*"],"scope":"Namespaced"}]}""", 1)]
    [InlineData("""{"rules":[{"apiGroups":["*"],"apiVersions":["*"],"operations":["*"],"resources":["*/*"]}]}""", 1)]
    [InlineData("""{"rules":[{"apiGroups":["*"],"apiVersions":["*"],"operations":["*"],"resources":["*"],"scope":"Cluster"}]}""", 0)]
    [InlineData("""{"rules":[{"apiGroups":["*"],"apiVersions":["*"],"operations":["UPDATE","DELETE"],"resources":["*"]}]}""", 0)]
    [InlineData("""{"rules":[{"apiGroups":["apps"],"apiVersions":["*"],"operations":["*"],"resources":["*"]}]}""", 0)]
    [InlineData("""{"rules":[{"apiGroups":["*"],"apiVersions":["*"],"operations":["*"],"resources":["gizmos/status","*/scale"]}]}""", 0)]
    [InlineData("""{"rules":[{"apiGroups":["*"],"apiVersions":["v9"],"operations":["*"],"resources":["*"]}]}""", 0)]
    [InlineData("""{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"default"}}}""", 1)]
    [InlineData("""{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"other"}}}""", 0)]
    [InlineData("""{"objectSelector":{"matchLabels":{"team":"a"}}}""", 1)]
    [InlineData("""{"objectSelector":{"matchLabels":{"team":"b"}}}""", 0)]
    public async Task Only_what_the_rules_and_selectors_name_is_asked_about(string change, int asked)
    {
        await RegisterAsync(change);

        Assert.Equal(201, (await CreateAsync("a", """{"team":"a"}""")).Status);

        Assert.Equal(asked, _hook.Asked.Count);
    }

    [Fact]
    public async Task An_object_selector_sees_the_old_object_too()
    {
        await CreateAsync("a", """{"team":"a"}""");
        await RegisterAsync("""{"objectSelector":{"matchLabels":{"team":"a"}}}""");

        await PatchAsync("a", """{"metadata":{"labels":{"team":"b"}}}""");

        Assert.Single(_hook.Asked);
    }

    [Theory]
    [InlineData("*", "a", 1)]
    [InlineData("Cluster", "a", 1)]
    [InlineData("Namespaced", "a", 0)]
    [InlineData("*", "b", 0)]
    public async Task A_namespace_is_of_the_whole_cluster_and_selected_by_its_own_labels_as_they_will_be(string scope, string selected, int asked)
    {
        await _fixture.SendAsync(HttpMethod.Post, "/api/v1/namespaces", JsonNode.Parse("""{"metadata":{"name":"team","labels":{"team":"b"}}}"""));
        await RegisterAsync($$$"""
            {"namespaceSelector":{"matchLabels":{"team":"{{{selected}}}"}},
             "rules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["UPDATE"],"resources":["namespaces"],"scope":"{{{scope}}}"}]}
            """);

        await _fixture.SendAsync(HttpMethod.Patch, "/api/v1/namespaces/team", JsonNode.Parse("""{"metadata":{"labels":{"team":"a"}}}"""), "application/merge-patch+json");

        Assert.Equal(asked, _hook.Asked.Count);
    }

    [Theory]
    [InlineData("Equivalent", 1)]
    [InlineData("Exact", 0)]
    public async Task What_is_written_in_another_version_is_asked_about_in_the_webhooks_own(string policy, int asked)
    {
        await RegisterAsync($$$"""{"matchPolicy":"{{{policy}}}","rules":[{"apiGroups":["events.k8s.io"],"apiVersions":["v1"],"operations":["CREATE"],"resources":["events"]}]}""");

        var (status, _) = await _fixture.SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/events", JsonNode.Parse(
            """{"metadata":{"name":"e"},"involvedObject":{"kind":"Pod","namespace":"default","name":"p"},"message":"hi","reason":"R","type":"Normal"}"""));

        Assert.Equal((201, asked), (status, _hook.Asked.Count));
        Assert.All(_hook.Asked, request => Assert.Equal(
            ("events.k8s.io", "", "hi", null),
            (request["kind"]!["group"].AsText(), request["requestKind"]!["group"].AsText(), request["object"]!["note"].AsText(), request["object"]!["message"])));
    }

    [Fact]
    public async Task What_is_written_in_the_newer_version_is_asked_about_in_the_older()
    {
        await RegisterAsync("""{"rules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE"],"resources":["events"]}]}""");

        await _fixture.SendAsync(HttpMethod.Post, "/apis/events.k8s.io/v1/namespaces/default/events", JsonNode.Parse(
            """{"metadata":{"name":"e"},"regarding":{"kind":"Pod","namespace":"default","name":"p"},"note":"hi","reason":"R","type":"Normal","action":"A","eventTime":"2026-01-01T00:00:00.000000Z","reportingController":"c","reportingInstance":"i"}"""));

        Assert.Equal(("hi", null), (Assert.Single(_hook.Asked)["object"]!["message"].AsText(), _hook.Asked.First()["object"]!["note"]));
    }

    [Fact]
    public async Task The_status_of_an_object_is_a_resource_of_its_own()
    {
        await CreateAsync("a");
        await RegisterAsync();

        await PatchAsync("a/status", """{"status":{"count":1}}""");
        Assert.Empty(_hook.Asked);
        await PatchAsync("a", """{"spec":{"color":"green"}}""");
        Assert.Single(_hook.Asked);
    }

    [Fact]
    public async Task A_webhook_cannot_protect_its_own_configuration()
    {
        _hook.Verdict = _ => JsonNode.Parse(Refused)!.AsObject();
        await RegisterAsync("""{"rules":[{"apiGroups":["*"],"apiVersions":["*"],"operations":["*"],"resources":["*/*"]}]}""");

        var (status, _) = await _fixture.SendAsync(HttpMethod.Delete, $"{Configurations}/wh");

        Assert.Equal(200, status);
        Assert.Equal(201, (await CreateAsync("a")).Status);
    }

    [Fact]
    public async Task A_Service_leads_where_the_table_says_and_its_name_is_that_of_the_certificate()
    {
        await RegisterAsync($$$"""{"clientConfig":{"service":{"namespace":"default","name":"hook","path":"/validate"},"caBundle":"{{{_hook.CaBundle}}}"}}""");

        Assert.Contains("Post \"https://hook.default.svc:443/validate?timeout=10s\": service \"hook\" not found", (await CreateAsync("a")).Body["message"].AsText(), StringComparison.Ordinal);
        await _fixture.SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/services", JsonNode.Parse("""{"metadata":{"name":"hook"},"spec":{"ports":[{"port":443}]}}"""));
        Assert.Contains("no endpoints available for service \"hook\"", (await CreateAsync("a")).Body["message"].AsText(), StringComparison.Ordinal);
        _services.Set("default", "hook", _hook.Port);
        Assert.Equal(201, (await CreateAsync("a")).Status);

        _services.Set("default", "other", _hook.Port);
        await RegisterAsync($$$"""{"clientConfig":{"service":{"namespace":"default","name":"other","path":"/validate"},"caBundle":"{{{_hook.CaBundle}}}"}}""");
        Assert.Contains(
            "tls: failed to verify certificate: x509: certificate is valid for hook.default.svc, 127.0.0.1, not other.default.svc",
            (await CreateAsync("b")).Body["message"].AsText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_not_trusted()
    {
        await using var other = await WebhookStand.StartAsync();
        await RegisterAsync($$$"""{"clientConfig":{"url":"{{{_hook.Url}}}","caBundle":"{{{other.CaBundle}}}"}}""");

        Assert.EndsWith("tls: failed to verify certificate: x509: certificate signed by unknown authority", (await CreateAsync("a")).Body["message"].AsText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silent_webhook_is_waited_for_as_long_as_it_says()
    {
        await RegisterAsync($$$"""{"timeoutSeconds":1,"clientConfig":{"url":"https://127.0.0.1:{{{_hook.Port}}}/silent","caBundle":"{{{_hook.CaBundle}}}"}}""");

        Assert.EndsWith("context deadline exceeded", (await CreateAsync("a")).Body["message"].AsText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"clientConfig":{"url":"https://127.0.0.1:PORT/nowhere","caBundle":"CA"}}""", "failed to call webhook: the server could not find the requested resource")]
    [InlineData("""{"clientConfig":{"url":"https://127.0.0.1:PORT/validate","caBundle":"eA=="}}""", "unable to load root certificates: unable to parse bytes as PEM block")]
    public async Task What_is_no_webhook_fails_the_write_in_the_servers_words(string change, string words)
    {
        await RegisterAsync(change.Replace("PORT", $"{_hook.Port}", StringComparison.Ordinal).Replace("CA\"", $"{_hook.CaBundle}\"", StringComparison.Ordinal));

        Assert.EndsWith(words, (await CreateAsync("a")).Body["message"].AsText(), StringComparison.Ordinal);
        Assert.Empty(_hook.Asked);
    }

    [Fact]
    public async Task A_certificate_that_has_expired_is_not_trusted()
    {
        await using var expired = await WebhookStand.StartAsync(isExpired: true);
        await RegisterAsync($$$"""{"clientConfig":{"url":"{{{expired.Url}}}","caBundle":"{{{expired.CaBundle}}}"}}""");

        Assert.Contains("x509: certificate has expired or is not yet valid: current time ", (await CreateAsync("a")).Body["message"].AsText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_endpoints_of_a_Service_are_asked_in_turn()
    {
        await _fixture.SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/services", JsonNode.Parse("""{"metadata":{"name":"hook"},"spec":{"ports":[{"port":443}]}}"""));
        await RegisterAsync($$$"""{"clientConfig":{"service":{"namespace":"default","name":"hook","path":"/validate"},"caBundle":"{{{_hook.CaBundle}}}"}}""");
        _services.Set("default", "hook", _hook.Port, 1);

        var first = (await CreateAsync("a")).Status;
        var second = (await CreateAsync("b")).Status;

        Assert.Equal([201, 500], new[] { first, second }.Order());
    }

    [Fact]
    public async Task An_answer_without_end_is_none()
    {
        _hook.Verdict = _ => new JsonObject { ["allowed"] = true, ["warnings"] = new JsonArray(new string('x', 2 * 1024 * 1024)) };
        await RegisterAsync();

        Assert.Equal(500, (await CreateAsync("a")).Status);
    }

    [Theory]
    [InlineData("kind", "Other", "got admission.k8s.io/v1, Kind=Other")]
    [InlineData("apiVersion", "admission.k8s.io/v1beta1", "got admission.k8s.io/v1beta1, Kind=AdmissionReview")]
    public async Task An_answer_of_another_kind_is_none(string field, string value, string words)
    {
        _hook.Spoil = review => review[field] = value;
        await RegisterAsync();

        Assert.EndsWith(words, (await CreateAsync("a")).Body["message"].AsText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_to_another_question_is_none()
    {
        _hook.Spoil = review => review["response"]!["uid"] = "other";
        await RegisterAsync();
        Assert.Contains("received invalid webhook response: expected response.uid=", (await CreateAsync("a")).Body["message"].AsText(), StringComparison.Ordinal);

        _hook.Spoil = review => review.Remove("response");
        Assert.Contains("webhook returned response without a response field", (await CreateAsync("a")).Body["message"].AsText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"matchConditions":[{"name":"a","expression":"true"}]}""", 501)]
    [InlineData("""{"clientConfig":{"url":"http://127.0.0.1:1"}}""", 422)]
    [InlineData("""{"clientConfig":{}}""", 422)]
    [InlineData("""{"sideEffects":"Some"}""", 422)]
    [InlineData("""{"timeoutSeconds":31}""", 422)]
    [InlineData("""{"name":"short"}""", 422)]
    public async Task A_configuration_that_is_wrong_is_refused(string change, int expected) => Assert.Equal(expected, await TryRegisterAsync(change));

    [Fact]
    public async Task Mutating_webhooks_are_not_simulated()
    {
        var (status, _) = await _fixture.SendAsync(
            HttpMethod.Post, "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations", JsonNode.Parse("""{"metadata":{"name":"m"}}"""));

        Assert.Equal(501, status);
    }

    private async Task RegisterAsync(string change = "{}") => Assert.True(await TryRegisterAsync(change) is 200 or 201);

    /// <summary>A webhook that is asked about gizmos as they are created, changed and deleted, with some of its fields changed.</summary>
    private async Task<int> TryRegisterAsync(string change)
    {
        var webhook = JsonNode.Parse($$$"""
            {"name":"w.example.io","admissionReviewVersions":["v1"],"sideEffects":"None","clientConfig":{"url":"{{{_hook.Url}}}","caBundle":"{{{_hook.CaBundle}}}"},
             "rules":[{"apiGroups":["test.gpustack.io"],"apiVersions":["*"],"operations":["*"],"resources":["gizmos"]}]}
            """)!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(change)!.AsObject())
            webhook[name] = value?.DeepClone();
        var configuration = new JsonObject
        {
            ["apiVersion"] = "admissionregistration.k8s.io/v1",
            ["kind"] = "ValidatingWebhookConfiguration",
            ["metadata"] = new JsonObject { ["name"] = "wh" },
            ["webhooks"] = new JsonArray(webhook),
        };
        return (await _fixture.SendAsync(HttpMethod.Patch, $"{Configurations}/wh?fieldManager=t&force=true", configuration, "application/apply-patch+yaml")).Status;
    }

    private Task<(int, JsonNode)> PatchAsync(string what, string patch) =>
        _fixture.SendAsync(HttpMethod.Patch, $"{Gizmos}/{what}", JsonNode.Parse(patch), "application/merge-patch+json");

    private async Task<(int Status, JsonNode Body, IReadOnlyList<string> Warnings)> CreateAsync(string name, string labels = "{}")
    {
        var body = $$$"""{"metadata":{"name":"{{{name}}}","labels":{{{labels}}}},"spec":{"color":"red"}}""";
        using var content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var response = await _fixture.Client.PostAsync(Gizmos, content, TestContext.Current.CancellationToken);
        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        var warnings = response.Headers.NonValidated.TryGetValues("Warning", out var values)
            ? values.Select(value => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(value))).ToList()
            : [];
        return ((int)response.StatusCode, answer, warnings);
    }
}
