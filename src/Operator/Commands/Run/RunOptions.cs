using System.CommandLine;
using System.Net;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Operator.Hosting;
using Microsoft.Extensions.Logging;

namespace GpuStack.Operator.Commands.Run;

/// <summary>The options of <c>run</c>. What the environment says holds where the command line says nothing.</summary>
internal sealed class RunOptions
{
    private readonly Option<string?> _kubeconfig = new("--kubeconfig") { Description = "The kubeconfig file; by default KUBECONFIG, the pod's service account or ~/.kube/config." };
    private readonly Option<string?> _context = new("--context") { Description = "The kubeconfig's context; by default its current one." };
    private readonly Option<double?> _queries = new("--kube-api-qps") { Description = "Requests a second to the API server; by default no limit, since servers from 1.30 on share out their capacity themselves." };
    private readonly Option<int?> _burst = new("--kube-api-burst") { Description = "Requests at once after a pause, with --kube-api-qps; by default twice as many." };
    private readonly ScopeOptions _scope = new();
    private readonly Option<bool> _leaderElect = new("--leader-elect") { Description = "Work only while holding the lease, so that several replicas can run." };
    private readonly Option<string?> _leaseNamespace = new("--lease-namespace") { Description = "The namespace of the lease; by default the operator's own." };
    private readonly Option<int> _healthPort = new("--health-port") { Description = "The port of /healthz and /readyz; 0 serves none.", DefaultValueFactory = _ => 8081 };
    private readonly Option<int?> _metricsPort = new("--metrics-port") { Description = "The port of /metrics; by default that of /healthz, with --metrics-auth 8443; 0 serves none." };
    private readonly Option<string?> _bindAddress = new("--bind-address") { Description = "The IP address that health and metrics listen on; by default all, IPv4 and IPv6." };
    private readonly Option<int> _workers = new("--workers") { Description = "Deployments reconciled at a time.", DefaultValueFactory = _ => 8 };
    private readonly Option<string?> _huggingFace = new("--hugging-face-endpoint") { Description = "Where huggingFace models come from; by default HF_ENDPOINT or https://huggingface.co." };
    private readonly Option<string?> _modelScope = new("--model-scope-endpoint") { Description = "Where modelScope models come from." };
    private readonly Option<string[]> _trusted = new("--trusted-endpoint") { Description = "A further endpoint that models may come from although its address is private; repeatable." };
    private readonly Option<string[]> _networks = new("--cluster-network") { Description = "A network (CIDR) of pods, Services or nodes with public addresses, that models must not come from; repeatable." };
    private readonly Option<string[]> _images = new("--llama-cpp-image") { Description = "VENDOR=IMAGE, or =IMAGE for CPUs: the llama.cpp image for GPUs of a vendor; repeatable." };
    private readonly Option<string[]> _vllmImages = new("--vllm-image") { Description = "VENDOR=IMAGE: the vLLM image for GPUs of a vendor; repeatable." };
    private readonly Option<string[]> _sglangImages = new("--sglang-image") { Description = "VENDOR=IMAGE: the SGLang image for GPUs of a vendor; repeatable." };
    private readonly Option<string?> _helperImage = new("--helper-image") { Description = "The image that pods copy the supervisor out of and fetch models with: the operator's own." };
    private readonly Option<string?> _supervisorUrl = new("--supervisor-url") { Description = "Where a pod's supervisor answers; {ip}, {namespace} and {name} stand for the pod's.", Hidden = true };
    private readonly Option<bool> _mixedDrivers = new("--mixed-drivers") { Description = "Let the nodes of one group of vLLM or SGLang have drivers of different majors, and note it in the status; refused by default." };
    private readonly Option<int> _nodeToleration = new("--node-lost-seconds") { Description = "How long a node may be NotReady before its groups are planned anew.", DefaultValueFactory = _ => 300 };
    private readonly SourceOptions _sources = new();
    private readonly Option<string?> _products = GpuProducts.Option();
    private readonly WebhookOptions _webhook = new();
    private readonly Option<bool> _verbose = new("--verbose", "-v") { Description = "Log every reconciliation." };

    /// <summary>Who may see how the operator is.</summary>
    public ObservabilityOptions Observability { get; } = new();

    public void AddTo(Command command)
    {
        Observability.AddTo(command);
        foreach (var option in new Option[]
        {
            _kubeconfig, _context, _queries, _burst, _leaderElect, _leaseNamespace, _healthPort, _metricsPort, _bindAddress, _workers,
            _huggingFace, _modelScope, _trusted, _networks, _images, _vllmImages, _sglangImages, _helperImage, _supervisorUrl, _mixedDrivers,
            _nodeToleration, _products, _verbose,
        })
        {
            command.Add(option);
        }
        _sources.AddTo(command);
        _scope.AddTo(command);
        _webhook.AddTo(command);
    }

    public bool Verbose(ParseResult result) => result.GetValue(_verbose);

    public KubernetesClientConfiguration Kubeconfig(ParseResult result)
    {
        var context = result.GetValue(_context);
        return result.GetValue(_kubeconfig) is { } file
            ? KubernetesClientConfiguration.FromFile(file, context)
            : KubernetesClientConfiguration.Load(context);
    }

    public KubernetesClientOptions Client(ParseResult result, ILoggerFactory loggerFactory)
    {
        var options = new KubernetesClientOptions { LoggerFactory = loggerFactory };
        var burst = result.GetValue(_burst);
        if (result.GetValue(_queries) is not { } queries)
        {
            return burst is null
                ? options
                : throw new InputException($"{_burst.Name} is given without {_queries.Name}; give both, or neither for no limit.");
        }

        if (!(queries > 0 && double.IsFinite(queries)))
            throw new InputException($"{_queries.Name} must be above 0; leave it out for no limit.");
        if (burst < 1) throw new InputException($"{_burst.Name} must be at least 1.");
        return options with { RequestsPerSecond = queries, RequestBurst = burst };
    }

    public bool ServesMetrics(ParseResult result) => result.GetValue(_metricsPort) != 0;

    public string? Products(ParseResult result) => result.GetValue(_products);

    public OperatorSettings Settings(ParseResult result, string ownNamespace)
    {
        var defaults = new OperatorSettings();
        return _sources.Apply(result, _scope.Apply(result, defaults) with
        {
            LeaderElect = result.GetValue(_leaderElect),
            LeaseNamespace = result.GetValue(_leaseNamespace) ?? ownNamespace,
            Identity = Environment.GetEnvironmentVariable("POD_NAME") ?? $"{Environment.MachineName}-{Environment.ProcessId}",
            HealthPort = Port(_healthPort.Name, result.GetValue(_healthPort)) is var port && port > 0 ? port : null,
            MetricsPort = Port(_metricsPort.Name, result.GetValue(_metricsPort)) is > 0 and var metricsPort ? metricsPort : null,
            BindAddress = Address(result.GetValue(_bindAddress)),
            Webhook = _webhook.Settings(result, ownNamespace, Address(result.GetValue(_bindAddress))),
            Workers = Math.Clamp(result.GetValue(_workers), 1, 1000),
            HuggingFaceEndpoint = Endpoint(_huggingFace.Name, result.GetValue(_huggingFace) ?? Environment.GetEnvironmentVariable("HF_ENDPOINT"))
                ?? defaults.HuggingFaceEndpoint,
            ModelScopeEndpoint = Endpoint(_modelScope.Name, result.GetValue(_modelScope) ?? Environment.GetEnvironmentVariable("MODELSCOPE_ENDPOINT"))
                ?? defaults.ModelScopeEndpoint,
            TrustedEndpoints = [.. (result.GetValue(_trusted) ?? []).Select(text => Endpoint(_trusted.Name, text)!)],
            ClusterNetworks = [.. (result.GetValue(_networks) ?? []).Select(Network)],
            LlamaCppImages = defaults.LlamaCppImages.SetItems(Images(result, _images)),
            VllmImages = defaults.VllmImages.SetItems(Images(result, _vllmImages)),
            SglangImages = defaults.SglangImages.SetItems(Images(result, _sglangImages)),
            HelperImage = result.GetValue(_helperImage) is { Length: > 0 } helper ? helper : defaults.HelperImage,
            SupervisorUrl = result.GetValue(_supervisorUrl) is { Length: > 0 } supervisor ? supervisor : defaults.SupervisorUrl,
            DriversMayDiffer = result.GetValue(_mixedDrivers),
            NodeLostToleration = TimeSpan.FromSeconds(Math.Max(0, result.GetValue(_nodeToleration))),
        });
    }

    private static Uri? Endpoint(string option, string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        return Uri.TryCreate(text, UriKind.Absolute, out var endpoint) && (endpoint.Scheme == Uri.UriSchemeHttp || endpoint.Scheme == Uri.UriSchemeHttps)
            ? endpoint
            : throw new InputException($"{option}: '{text}' is no http or https address; give one like https://huggingface.co.");
    }

    private static int? Port(string option, int? number) => number is null or (>= 0 and <= 65535)
        ? number
        : throw new InputException($"{option}: {number} is no port; give one between 0 and 65535.");

    private IPAddress? Address(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        return IPAddress.TryParse(text, out var address)
            ? address
            : throw new InputException($"{_bindAddress.Name}: '{text}' is no IP address; give one like 127.0.0.1 or ::1.");
    }

    private IPNetwork Network(string text) => IPNetwork.TryParse(text, out var network)
        ? network
        : throw new InputException($"{_networks.Name}: '{text}' is no network; give one like 203.0.113.0/24.");

    private static IEnumerable<KeyValuePair<string, string>> Images(ParseResult result, Option<string[]> option) =>
        (result.GetValue(option) ?? []).Select(text => Image(option, text));

    private static KeyValuePair<string, string> Image(Option option, string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals >= 0 && equals < text.Length - 1
            ? new(text[..equals], text[(equals + 1)..])
            : throw new InputException($"{option.Name}: '{text}' is no image of a vendor; give one like nvidia=registry.example.com/engine:tag.");
    }
}
