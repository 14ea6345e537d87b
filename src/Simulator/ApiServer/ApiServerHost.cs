using System.Text;
using GpuStack.Simulator.ApiServer.BuiltIn;
using GpuStack.Simulator.ApiServer.CustomResources;
using GpuStack.Simulator.ApiServer.Discovery;
using GpuStack.Simulator.ApiServer.OpenApi;
using GpuStack.Simulator.ApiServer.Registry;
using GpuStack.Simulator.ApiServer.Requests;
using GpuStack.Simulator.ApiServer.Serving;
using GpuStack.Simulator.ApiServer.Watching;
using GpuStack.Simulator.ApiServer.Writing;
using GpuStack.Simulator.Listening;
using GpuStack.Simulator.Storage;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace GpuStack.Simulator.ApiServer;

/// <summary>
/// A simulated Kubernetes API server over HTTP(S) on the loopback interface, in front of a <see cref="ClusterStore"/>. It answers
/// kubectl and client libraries as a real one does; what it does not simulate is answered with 501 or 415 and kept in
/// <see cref="UnsupportedRequests"/>.
/// </summary>
public sealed class ApiServerHost : IAsyncDisposable
{
    private readonly LoopbackServer _server;
    private readonly ServingCertificate? _certificate;
    private readonly CancellationTokenSource _stopping;
    private int _disposed;

    private ApiServerHost(LoopbackServer server, ServingCertificate? certificate, CancellationTokenSource stopping, AuditLog audit)
    {
        _server = server;
        _certificate = certificate;
        _stopping = stopping;
        Audit = audit;
    }

    /// <summary>Where it listens.</summary>
    public Uri Url => _server.Url;

    /// <summary>The authority that signed its certificate, PEM; null without HTTPS.</summary>
    public string? CertificateAuthorityPem => _certificate?.AuthorityPem;

    /// <summary>The requests it has answered.</summary>
    public AuditLog Audit { get; }

    /// <summary>Requests for what is not simulated (answered with 406, 415 or 501).</summary>
    public IReadOnlyList<RequestRecord> UnsupportedRequests => Audit.Unsupported;

    /// <summary>
    /// A kubeconfig for this server. There is one user, who may do everything; the token stands there because kubectl asks for a
    /// password over TLS where a user has no credentials at all.
    /// </summary>
    public string KubeconfigYaml
    {
        get
        {
            var authority = CertificateAuthorityPem is not { } pem
                ? ""
                : $"\n    certificate-authority-data: {Convert.ToBase64String(Encoding.ASCII.GetBytes(pem))}";
            return $$"""
                apiVersion: v1
                kind: Config
                current-context: simulated
                clusters:
                - name: simulated
                  cluster:
                    server: {{Url.GetLeftPart(UriPartial.Authority)}}{{authority}}
                contexts:
                - name: simulated
                  context:
                    cluster: simulated
                    user: admin
                    namespace: default
                users:
                - name: admin
                  user:
                    token: simulated

                """;
        }
    }

    /// <summary>Starts a server.</summary>
    /// <param name="store">The cluster's state, shared with simulated controllers.</param>
    /// <param name="options">How it listens.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<ApiServerHost> StartAsync(ClusterStore store, ApiServerOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ApiServerOptions();
        var certificate = options.Https ? ServingCertificate.Create(store.Time) : null;
        var stopping = new CancellationTokenSource();
        var audit = new AuditLog(options.AuditCapacity);
        var dispatcher = Compose(store, audit, stopping.Token);
        try
        {
            var server = await LoopbackServer.StartAsync(options.Port, certificate?.Certificate, Limit, dispatcher.HandleAsync, cancellationToken).ConfigureAwait(false);
            return new ApiServerHost(server, certificate, stopping, audit);
        }
        catch
        {
            certificate?.Dispose();
            stopping.Dispose();
            throw;
        }
    }

    /// <summary>Ends all watches and stops listening.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _server.DisposeAsync().ConfigureAwait(false);
        _certificate?.Dispose();
        _stopping.Dispose();
    }

    private static void Limit(KestrelServerLimits limits)
    {
        limits.MaxRequestBodySize = null;
        limits.MinResponseDataRate = null;
        limits.KeepAliveTimeout = TimeSpan.FromHours(1);
    }

    private static Dispatcher Compose(ClusterStore store, AuditLog audit, CancellationToken stopping)
    {
        var catalog = new ResourceCatalog(BuiltInCatalog.Create(new ServiceAddresses()));
        var definitions = new DefinitionController(store, catalog);
        definitions.RegisterAll();
        var writer = new ObjectWriter(store, definitions);
        var reader = new ReadHandler(store);
        return new Dispatcher(
            catalog,
            new DiscoveryDocuments(catalog),
            new OpenApiHandler(catalog),
            reader,
            new WriteHandler(writer, new ObjectDeleter(store, definitions), reader),
            new ScaleHandler(store, writer),
            new ActionHandler(store),
            new WatchHandler(store, stopping),
            audit);
    }
}
