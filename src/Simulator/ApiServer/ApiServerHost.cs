using System.Text;
using GpuStack.Simulator.ApiServer.Access;
using GpuStack.Simulator.ApiServer.Admission;
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
    private readonly AccessControl _access;
    private readonly ServiceAccountTokens _tokens;
    private readonly ValidatingAdmission _admission;
    private int _disposed;

    private ApiServerHost(
        LoopbackServer server,
        ServingCertificate? certificate,
        CancellationTokenSource stopping,
        AuditLog audit,
        AccessControl access,
        ServiceAccountTokens tokens,
        ValidatingAdmission admission)
    {
        _server = server;
        _admission = admission;
        _certificate = certificate;
        _stopping = stopping;
        _access = access;
        _tokens = tokens;
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

    /// <summary>What roles allowed and refused; empty where they are not evaluated.</summary>
    public AccessLog Access => _access.Log;

    /// <summary>
    /// A kubeconfig for this server, of a user who may do everything. The token stands there even where it is not looked at, because kubectl
    /// asks for a password over TLS where a user has no credentials at all.
    /// </summary>
    public string KubeconfigYaml => Kubeconfig("admin", $"token: {Authenticator.AdministratorToken}", "default");

    /// <summary>
    /// A kubeconfig of a ServiceAccount, whose namespace is its default: with a token of its own, or over plain HTTP, where no client sends
    /// one, by impersonation.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is no such ServiceAccount.</exception>
    public string ServiceAccountKubeconfigYaml(string @namespace, string name)
    {
        var token = _tokens.Create(@namespace, name) ?? throw new InvalidOperationException($"There is no ServiceAccount {@namespace}/{name}; create it first.");
        return Kubeconfig(name, _certificate is null ? $"as: {AccessUser.ServiceAccountName(@namespace, name)}" : $"token: {token}", @namespace);
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
        var access = new AccessControl(store, options.EvaluateAccess);
        var tokens = new ServiceAccountTokens(store);
        var catalog = new ResourceCatalog(BuiltInCatalog.Create(new ServiceAddresses()));
        var admission = new ValidatingAdmission(store, catalog, new WebhookConnector(store, options.Services));
        var dispatcher = Compose(store, catalog, admission, audit, access, tokens, options, stopping.Token);
        try
        {
            var server = await LoopbackServer.StartAsync(options.Port, certificate?.Certificate, Limit, dispatcher.HandleAsync, cancellationToken).ConfigureAwait(false);
            return new ApiServerHost(server, certificate, stopping, audit, access, tokens, admission);
        }
        catch
        {
            admission.Dispose();
            access.Dispose();
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
        _admission.Dispose();
        _access.Dispose();
        _certificate?.Dispose();
        _stopping.Dispose();
    }

    private string Kubeconfig(string user, string credentials, string @namespace)
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
                user: {{user}}
                namespace: {{@namespace}}
            users:
            - name: {{user}}
              user:
                {{credentials}}

            """;
    }

    private static void Limit(KestrelServerLimits limits)
    {
        limits.MaxRequestBodySize = null;
        limits.MinResponseDataRate = null;
        limits.KeepAliveTimeout = TimeSpan.FromHours(1);
    }

    private static Dispatcher Compose(
        ClusterStore store,
        ResourceCatalog catalog,
        ValidatingAdmission admission,
        AuditLog audit,
        AccessControl access,
        ServiceAccountTokens tokens,
        ApiServerOptions options,
        CancellationToken stopping)
    {
        var definitions = new DefinitionController(store, catalog);
        definitions.RegisterAll();
        var authenticator = new Authenticator(access, tokens, options.Https);
        var owners = options is { EvaluateAccess: true, EnforceOwnerReferences: true } ? new OwnerReferenceRule(catalog) : null;
        var writer = new ObjectWriter(store, definitions, admission, owners);
        var reader = new ReadHandler(store);
        return new Dispatcher(
            new AccessGuard(access, authenticator),
            catalog,
            new DiscoveryDocuments(catalog),
            new OpenApiHandler(catalog),
            reader,
            new WriteHandler(writer, new ObjectDeleter(store, definitions, admission), reader),
            new ScaleHandler(store, writer),
            new ActionHandler(store, tokens, admission),
            new ReviewHandler(access, authenticator),
            new WatchHandler(store, stopping),
            audit);
    }
}
