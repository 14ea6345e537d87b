using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Hosting;
using GpuStack.Simulator.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuStack.Simulator.Tests.ApiServer.Admission;

/// <summary>A webhook over TLS with an authority of its own, valid for 127.0.0.1 and the Service <c>hook</c> in <c>default</c>.</summary>
internal sealed class WebhookStand : IAsyncDisposable
{
    public const string Path = "/validate";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gpustack-hook-");
    private WebhookServer _server = null!;

    /// <summary>The <c>request</c> of every review so far.</summary>
    public ConcurrentQueue<JsonObject> Asked { get; } = new();

    /// <summary>What is answered: the <c>response</c>, without its uid.</summary>
    public Func<JsonObject, JsonObject> Verdict { get; set; } = _ => new JsonObject { ["allowed"] = true };

    /// <summary>Changes the review before it is sent.</summary>
    public Action<JsonObject> Spoil { get; set; } = _ => { };

    public int Port => _server.Port!.Value;

    public string Url => $"https://127.0.0.1:{Port}{Path}";

    public string CaBundle { get; private set; } = "";

    public static async Task<WebhookStand> StartAsync(bool isExpired = false)
    {
        var stand = new WebhookStand();
        stand.WriteCertificates(isExpired);
        stand._server = new WebhookServer(
            new WebhookServerOptions
            {
                Address = IPAddress.Loopback,
                Port = 0,
                CertificateFile = System.IO.Path.Combine(stand._folder.FullName, "tls.crt"),
                KeyFile = System.IO.Path.Combine(stand._folder.FullName, "tls.key"),
            },
            TimeProvider.System,
            NullLoggerFactory.Instance);
        stand._server.Map(Path, stand.AnswerAsync);
        stand._server.Map("/silent", context => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
        await stand._server.StartAsync(TestContext.Current.CancellationToken);
        return stand;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var review = (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))!.AsObject();
        var request = review["request"]!.AsObject();
        Asked.Enqueue(request);
        var response = Verdict(request);
        response["uid"] = request["uid"].AsText();
        var answer = new JsonObject { ["kind"] = "AdmissionReview", ["apiVersion"] = "admission.k8s.io/v1", ["response"] = response };
        Spoil(answer);
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer.ToJsonString(), context.RequestAborted);
    }

    private void WriteCertificates(bool isExpired)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var root = new CertificateRequest("CN=hook-ca", rootKey, HashAlgorithmName.SHA256);
        root.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = root.CreateSelfSigned(now.AddHours(-1), now.AddDays(2));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var leaf = new CertificateRequest("CN=hook", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("hook.default.svc");
        names.AddIpAddress(IPAddress.Loopback);
        leaf.CertificateExtensions.Add(names.Build());
        using var signed = leaf.Create(authority, now.AddHours(-1), isExpired ? now.AddMinutes(-1) : now.AddDays(1), [1]);
        File.WriteAllText(System.IO.Path.Combine(_folder.FullName, "tls.crt"), signed.ExportCertificatePem());
        File.WriteAllText(System.IO.Path.Combine(_folder.FullName, "tls.key"), key.ExportPkcs8PrivateKeyPem());
        CaBundle = Convert.ToBase64String(Encoding.ASCII.GetBytes(authority.ExportCertificatePem()));
    }
}
