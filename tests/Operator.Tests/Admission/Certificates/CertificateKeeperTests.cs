using System.Text;
using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Kubernetes.Hosting;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Admission;
using GpuStack.Operator.Admission.Certificates;
using GpuStack.Simulator.ApiServer;
using GpuStack.Simulator.Storage;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace GpuStack.Operator.Tests.Admission.Certificates;

public sealed class CertificateKeeperTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly LogLines _log = new();
    private readonly WebhookSettings _settings = new() { Namespace = "default" };
    private ClusterStore _store = null!;
    private ApiServerHost _server = null!;
    private KubernetesClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = new ClusterStore(TimeProvider.System);
        _server = await ApiServerHost.StartAsync(_store, cancellationToken: Token);
        _client = new KubernetesClient(KubernetesClientConfiguration.FromText(_server.KubeconfigYaml), new KubernetesJson());
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Replicas_that_start_together_share_one_certificate()
    {
        Register();
        var replicas = Enumerable.Range(0, 5).Select(_ => Replica()).ToList();
        Assert.All(replicas, replica => Assert.Equal("there is no certificate yet", replica.Serving.Check()));

        await Task.WhenAll(replicas.Select(replica => Task.Run(() => replica.Keeper.LookAsync(Token))));

        Assert.All(replicas, replica => Assert.Null(replica.Serving.Check()));
        var secret = Secret()!;
        Assert.Equal(("kubernetes.io/tls", "webhook"), (secret.Body["type"].AsText(), secret.Body["metadata"]!["labels"]!["app.kubernetes.io/component"].AsText()));
        Assert.Equal(["ca.crt", "ca.key", "tls.crt", "tls.key"], secret.Body["data"]!.AsObject().Select(one => one.Key).Order(StringComparer.Ordinal));
        Assert.Equal(1, _log.Count(1301));
        Assert.Equal(secret.Body["data"]!["ca.crt"].AsText(), Bundle());
    }

    [Fact]
    public async Task Nothing_is_written_that_is_there_already()
    {
        Register();
        var (keeper, _) = Replica();
        await keeper.LookAsync(Token);
        var (secret, configuration) = (Secret()!.ResourceVersion, Configuration().ResourceVersion);

        await keeper.LookAsync(Token);
        await Replica().Keeper.LookAsync(Token);

        Assert.Equal((secret, configuration), (Secret()!.ResourceVersion, Configuration().ResourceVersion));
        // Nor is it said: written once, loaded once by each.
        Assert.Equal((1, 2), (_log.Count(1303), _log.Count(604)));
    }

    [Fact]
    public async Task Only_the_authorities_are_written_into_the_configuration_and_again_when_they_are_taken_out()
    {
        Register();
        var (keeper, _) = Replica();
        await keeper.LookAsync(Token);

        var webhook = Configuration().Body["webhooks"]![0]!;
        Assert.Equal(("Ignore", 5L, "hook"), (webhook["failurePolicy"].AsText(), webhook["timeoutSeconds"].AsLong(), webhook["clientConfig"]!["service"]!["name"].AsText()));
        _store.Modify(BuiltInResources.ValidatingWebhookConfigurations, null, _settings.Configuration, body => body["webhooks"]![0]!["clientConfig"]!.AsObject().Remove("caBundle"));
        await keeper.LookAsync(Token);
        Assert.Equal(Secret()!.Body["data"]!["ca.crt"].AsText(), Bundle());
    }

    [Fact]
    public async Task What_somebody_else_writes_there_is_written_over_and_other_webhooks_are_left_alone()
    {
        Register();
        _store.Modify(BuiltInResources.ValidatingWebhookConfigurations, null, _settings.Configuration, body => body["webhooks"]!.AsArray().Insert(0, JsonNode.Parse(
            """{"name":"other.example.com","sideEffects":"None","admissionReviewVersions":["v1"],"clientConfig":{"url":"https://other.example.com","caBundle":"eA=="}}""")));
        var (keeper, _) = Replica();
        await keeper.LookAsync(Token);
        await _client.ApplyAsync(
            new V1ValidatingWebhookConfiguration
            {
                ApiVersion = "admissionregistration.k8s.io/v1",
                Kind = "ValidatingWebhookConfiguration",
                Metadata = new V1ObjectMeta { Name = _settings.Configuration },
                Webhooks = [new V1ValidatingWebhook { Name = WebhookSettings.WebhookName, ClientConfig = new V1WebhookClientConfig { CaBundle = "theirs"u8.ToArray() } }],
            },
            new ApplyOptions("somebody", force: true), Token);

        await keeper.LookAsync(Token);
        await keeper.LookAsync(Token);

        Assert.Equal(2, _log.Count(1303));
        Assert.Empty(_log.Of(1304));
        var webhooks = Configuration().Body["webhooks"]!.AsArray();
        Assert.Equal("eA==", webhooks.Single(one => one!["name"].AsText() == "other.example.com")!["clientConfig"]!["caBundle"].AsText());
        Assert.Equal(Secret()!.Body["data"]!["ca.crt"].AsText(), webhooks.Single(one => one!["name"].AsText() == WebhookSettings.WebhookName)!["clientConfig"]!["caBundle"].AsText());
    }

    [Fact]
    public async Task A_Secret_that_is_deleted_meanwhile_is_made_anew_and_a_configuration_that_is_made_anew_is_not_written_unseen()
    {
        var client = Substitute.For<IKubernetesClient>();
        var reads = 0;
        client.GetAsync<V1Secret>(_settings.Secret, "default", Arg.Any<CancellationToken>())
            .Returns(_ => reads++ == 0 ? new V1Secret { Metadata = new V1ObjectMeta { Name = _settings.Secret, Namespace = "default" } } : null);
        client.ReplaceAsync(Arg.Any<V1Secret>(), Arg.Any<CancellationToken>())
            .Returns<V1Secret>(_ => throw new KubernetesException(new V1Status { Code = 404, Reason = "NotFound" }));
        client.GetAsync<V1ValidatingWebhookConfiguration>(_settings.Configuration, null, Arg.Any<CancellationToken>())
            .Returns(new V1ValidatingWebhookConfiguration { Metadata = new V1ObjectMeta { Name = _settings.Configuration, Uid = "the-uid" }, Webhooks = [new V1ValidatingWebhook { Name = WebhookSettings.WebhookName }] });
        var serving = new GivenCertificate(_time, _log);

        await new CertificateKeeper(client, _settings, serving, _time, _log).LookAsync(Token);

        Assert.Null(serving.Check());
        await client.Received(1).CreateAsync(Arg.Any<V1Secret>(), Arg.Any<CancellationToken>());
        await client.Received(1).ApplyAsync(Arg.Is<V1ValidatingWebhookConfiguration>(one => one.Metadata.Uid == "the-uid"), Arg.Any<ApplyOptions>(), Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task Whoever_did_not_renew_it_serves_the_renewed_one()
    {
        Register();
        var (one, two) = (Replica(), Replica());
        await one.Keeper.LookAsync(Token);
        await two.Keeper.LookAsync(Token);
        var before = Secret()!.Body["data"]!["tls.crt"].AsText();

        _time.Advance(TimeSpan.FromDays(62));
        await Task.WhenAll(Task.Run(() => one.Keeper.LookAsync(Token), Token), Task.Run(() => two.Keeper.LookAsync(Token), Token));

        Assert.NotEqual(before, Secret()!.Body["data"]!["tls.crt"].AsText());
        Assert.Equal(2, _log.Count(1301));
        // Each has loaded two.
        Assert.Equal(4, _log.Count(604));
        _time.Advance(TimeSpan.FromDays(29));
        Assert.Null(one.Serving.Check());
        Assert.Null(two.Serving.Check());
    }

    [Theory]
    [InlineData("""{"type":"kubernetes.io/tls","data":{"tls.crt":"eA==","tls.key":"eA=="}}""")]
    [InlineData("""{"type":"kubernetes.io/tls","data":{"tls.crt":"eA==","tls.key":"eA==","ca.crt":"eA==","ca.key":"eA=="}}""")]
    [InlineData("""{"type":"Opaque","data":{"password":"eA=="}}""")]
    public async Task A_Secret_that_is_none_of_ours_is_replaced_with_a_line_in_the_log(string foreign)
    {
        Register();
        var body = JsonNode.Parse(foreign)!.AsObject();
        body["metadata"] = new JsonObject { ["name"] = _settings.Secret, ["namespace"] = "default" };
        _store.Create(BuiltInResources.Secrets, body);
        var (keeper, serving) = Replica();

        await keeper.LookAsync(Token);

        Assert.Null(serving.Check());
        Assert.True(_log.Count(1302) > 0);
        Assert.Null(Secret()!.Body["data"]!["password"]);
        Assert.Equal(Secret()!.Body["data"]!["ca.crt"].AsText(), Bundle());
    }

    // As the chart makes it, so that it goes with the release.
    [Fact]
    public async Task An_empty_Secret_is_filled_and_stays_who_it_was()
    {
        Register();
        _store.Create(BuiltInResources.Secrets, JsonNode.Parse($$$"""
            {"type":"Opaque","metadata":{"name":"{{{_settings.Secret}}}","namespace":"default","labels":{"app.kubernetes.io/managed-by":"Helm"},"annotations":{"meta.helm.sh/release-name":"a"} } }
            """)!.AsObject());

        await Replica().Keeper.LookAsync(Token);

        Assert.Equal(0, _log.Count(1302));
        var secret = Secret()!.Body;
        Assert.Equal(("Opaque", "Helm", "a"), (secret["type"].AsText(), secret["metadata"]!["labels"]!["app.kubernetes.io/managed-by"].AsText(), secret["metadata"]!["annotations"]!["meta.helm.sh/release-name"].AsText()));
        Assert.Equal(secret["data"]!["ca.crt"].AsText(), Bundle());
    }

    [Fact]
    public async Task A_Secret_that_cannot_be_changed_is_told_of_and_ends_nothing()
    {
        Register();
        _store.Create(BuiltInResources.Secrets, JsonNode.Parse($$$"""
            {"type":"kubernetes.io/tls","immutable":true,"data":{"tls.crt":"eA==","tls.key":"eA=="},"metadata":{"name":"{{{_settings.Secret}}}","namespace":"default"}}
            """)!.AsObject());
        var (keeper, serving) = Replica();

        await keeper.LookAsync(Token);

        Assert.Contains("cannot be changed, delete it", serving.Check(), StringComparison.Ordinal);
        _store.Delete(BuiltInResources.Secrets, "default", _settings.Secret);
        await keeper.LookAsync(Token);
        Assert.Null(serving.Check());
    }

    [Fact]
    public async Task Without_a_configuration_it_serves_and_says_once_that_nobody_asks()
    {
        var (keeper, serving) = Replica();

        await keeper.LookAsync(Token);
        await keeper.LookAsync(Token);

        Assert.Null(serving.Check());
        Assert.Contains("there is no ValidatingWebhookConfiguration gpustack-operator", Assert.Single(_log.Of(1304)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_ends_nothing_and_is_told_by_readiness()
    {
        await _server.DisposeAsync();
        var (keeper, serving) = Replica();

        await keeper.LookAsync(Token);

        Assert.Contains("cannot be kept", serving.Check(), StringComparison.Ordinal);
        Assert.Single(_log.Of(1304));
    }

    [Fact]
    public async Task It_looks_every_minute_and_more_often_until_there_is_one()
    {
        Register();
        var (keeper, serving) = Replica();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);

        var running = keeper.RunAsync(stop.Token);
        while (serving.Check() is not null || Bundle().Length == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Token);
        var before = Bundle();
        _store.Modify(BuiltInResources.ValidatingWebhookConfigurations, null, _settings.Configuration, body => body["webhooks"]![0]!["clientConfig"]!.AsObject().Remove("caBundle"));
        while (Bundle() != before)
        {
            _time.Advance(_settings.CheckInterval);
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Token);
        }

        await stop.CancelAsync();
        await running;
    }

    // Nothing that somebody writes there may end the operator.
    [Fact]
    public async Task An_authority_that_the_operator_cannot_sign_with_is_replaced()
    {
        Register();
        var foreign = TestMaterial.SignedByRsa(["hook.default.svc"], _time.GetUtcNow());
        _store.Create(BuiltInResources.Secrets, JsonNode.Parse($$$"""
            {"type":"kubernetes.io/tls","metadata":{"name":"{{{_settings.Secret}}}","namespace":"default"},"data":{"tls.crt":"{{{Base64(foreign.Certificate)}}}",
             "tls.key":"{{{Base64(foreign.Key)}}}","ca.crt":"{{{Base64(foreign.Bundle)}}}","ca.key":"{{{Base64(foreign.AuthorityKey)}}}"}}
            """)!.AsObject());
        var (keeper, serving) = Replica();

        await keeper.LookAsync(Token);
        await keeper.LookAsync(Token);

        Assert.Null(serving.Check());
        // The certificate is for other names and signed by the new authority, which stands beside the foreign one.
        var bundle = Encoding.ASCII.GetString(Convert.FromBase64String(Bundle()));
        Assert.Equal(2, bundle.Split("BEGIN CERTIFICATE").Length - 1);
        Assert.Contains(foreign.Authorities[0], bundle, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Secret_full_of_authorities_does_not_fill_the_configuration()
    {
        Register();
        var (keeper, _) = Replica();
        await keeper.LookAsync(Token);
        var own = Encoding.ASCII.GetString(Convert.FromBase64String(Secret()!.Body["data"]!["ca.crt"].AsText()!));
        var many = own + string.Concat(Enumerable.Repeat(CertificateIssuer.Authority(_time.GetUtcNow(), TimeSpan.FromDays(9)).Certificate + "\n", 500));
        _store.Modify(BuiltInResources.Secrets, "default", _settings.Secret, body => body["data"]!["ca.crt"] = Base64(many));

        await keeper.LookAsync(Token);
        Assert.Equal(8, Encoding.ASCII.GetString(Convert.FromBase64String(Bundle())).Split("BEGIN CERTIFICATE").Length - 1);
        _time.Advance(TimeSpan.FromDays(1));
        await keeper.LookAsync(Token);

        Assert.Equal(own, Encoding.ASCII.GetString(Convert.FromBase64String(Bundle())));
        Assert.Equal(Bundle(), Secret()!.Body["data"]!["ca.crt"].AsText());
    }

    [Fact]
    public async Task A_key_beside_the_authority_does_not_get_into_the_configuration()
    {
        Register();
        var (keeper, _) = Replica();
        await keeper.LookAsync(Token);
        string Part(string key) => Encoding.ASCII.GetString(Convert.FromBase64String(Secret()!.Body["data"]![key].AsText()!));
        var both = $"{Part("ca.crt")}{Part("ca.key")}\n";
        _store.Modify(BuiltInResources.Secrets, "default", _settings.Secret, body => body["data"]!["ca.crt"] = Base64(both));

        await keeper.LookAsync(Token);

        Assert.DoesNotContain("PRIVATE", Encoding.ASCII.GetString(Convert.FromBase64String(Bundle())), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whatever_goes_wrong_ends_nothing()
    {
        var client = Substitute.For<IKubernetesClient>();
        client.GetAsync<V1Secret>(_settings.Secret, "default", Arg.Any<CancellationToken>()).Returns<V1Secret?>(_ => throw new InvalidOperationException("unheard of" + new string('!', 5000)));
        var serving = new GivenCertificate(_time, _log);
        var keeper = new CertificateKeeper(client, _settings, serving, _time, _log);

        await keeper.LookAsync(Token);

        Assert.Contains("cannot be kept: unheard of!", serving.Check(), StringComparison.Ordinal);
        Assert.Equal(500, serving.Check()!.Length);
    }

    [Fact]
    public async Task While_there_is_none_it_looks_every_five_seconds_and_then_every_minute()
    {
        var client = Substitute.For<IKubernetesClient>();
        var (looks, works) = (0, false);
        client.GetAsync<V1Secret>(_settings.Secret, "default", Arg.Any<CancellationToken>()).Returns<V1Secret?>(_ =>
        {
            looks++;
            return works ? null : throw new IOException("nobody there");
        });
        var keeper = new CertificateKeeper(client, _settings, new GivenCertificate(_time, _log), _time, _log);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);

        // All of it is synchronous, so that it waits again when the clock's step returns.
        var running = keeper.RunAsync(stop.Token);
        Assert.Equal(1, looks);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(2, looks);
        works = true;
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(3, looks);
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(3, looks);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(4, looks);

        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task No_key_is_ever_logged()
    {
        Register();
        var (keeper, _) = Replica();
        await keeper.LookAsync(Token);
        _time.Advance(TimeSpan.FromDays(62));
        await keeper.LookAsync(Token);

        var keys = new[] { "tls.key", "ca.key" }.Select(key => Encoding.ASCII.GetString(Convert.FromBase64String(Secret()!.Body["data"]![key].AsText()!)));
        Assert.All(keys, key => Assert.DoesNotContain(key.Split('\n')[1], _log.Text, StringComparison.Ordinal));
        Assert.DoesNotContain("PRIVATE", _log.Text, StringComparison.Ordinal);
    }

    private (CertificateKeeper Keeper, GivenCertificate Serving) Replica()
    {
        var serving = new GivenCertificate(_time, _log);
        return (new CertificateKeeper(_client, _settings, serving, _time, _log), serving);
    }

    private void Register() => _store.Create(BuiltInResources.ValidatingWebhookConfigurations, JsonNode.Parse($$$"""
        {"metadata":{"name":"{{{_settings.Configuration}}}"},"webhooks":[{"name":"{{{WebhookSettings.WebhookName}}}","failurePolicy":"Ignore","timeoutSeconds":5,"sideEffects":"None",
         "admissionReviewVersions":["v1"],"clientConfig":{"service":{"namespace":"default","name":"hook","port":443} } }]}
        """)!.AsObject());

    private static string Base64(string text) => Convert.ToBase64String(Encoding.ASCII.GetBytes(text));

    private StoredObject? Secret() => _store.Get(BuiltInResources.Secrets, "default", _settings.Secret);

    private StoredObject Configuration() => _store.Get(BuiltInResources.ValidatingWebhookConfigurations, null, _settings.Configuration)!;

    private string Bundle() => Configuration().Body["webhooks"]![0]!["clientConfig"]!["caBundle"].AsText() ?? "";
}
