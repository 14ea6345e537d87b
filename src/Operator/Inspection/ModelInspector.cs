using System.Net;
using System.Text;
using GpuStack.Entities.Conditions;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Controllers;
using GpuStack.Kubernetes.Models;
using GpuStack.Modeling.Facts;
using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.Hubs;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Modeling.Safetensors;
using GpuStack.Modeling.Sources;
using GpuStack.Modeling.Transformers;
using GpuStack.Operator.Hosting;

namespace GpuStack.Operator.Inspection;

/// <summary>
/// Reads what a model needs from its file's header, by range requests. Connections are guarded (<see cref="GuardedConnector"/>), work is
/// bounded in time, number and bytes, and answers are kept for a while, by location and token: who may not read a file is not told of it.
/// </summary>
[EntityRbac(typeof(V1Secret), Verbs = RbacVerb.Get)]
internal sealed class ModelInspector : IDisposable
{
    private const int KeptAnswers = 512;
    private const int AtOnce = 8;

    private readonly IKubernetesClient _client;
    private readonly OperatorSettings _settings;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private readonly SemaphoreSlim _slots = new(AtOnce);
    private readonly ModelFactsCache<InspectedModel> _facts;

    public ModelInspector(IKubernetesClient client, OperatorSettings settings, TimeProvider time)
    {
        _client = client;
        _settings = settings;
        _time = time;
        _facts = new ModelFactsCache<InspectedModel>(new MemoryFactsStore<InspectedModel>(KeptAnswers), time) { FailureFreshness = FailureFreshness };
        var connector = new GuardedConnector(
            new AddressRule(settings.ClusterNetworks),
            [settings.HuggingFaceEndpoint, settings.ModelScopeEndpoint, .. settings.ModelMirrors, .. settings.TrustedEndpoints],
            settings.Authorities);
        _http = new HttpClient(connector.CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>How long a failure is believed; a later question asks the source again.</summary>
    public static TimeSpan FailureFreshness { get; } = TimeSpan.FromSeconds(20);

    /// <summary>Finds a deployment's model out; the same question asked twice at a time is asked once.</summary>
    /// <exception cref="InspectionFailedException">The facts cannot be had.</exception>
    public async Task<InspectedModel> InspectAsync(ModelDeployment deployment, CancellationToken cancellationToken)
    {
        var model = deployment.Spec.Model;
        var engine = ModelSource.Engine(deployment.Spec);
        if (ModelSource.IsVolume(model))
            return InspectedModel.Of(model, engine);
        var location = ModelSource.Location(model, engine);
        var hubs = ModelSource.Hubs(model, _settings, await TokenAsync(deployment, cancellationToken));
        var opener = new ModelOpener(_http, hubs, new HttpByteRangeOptions { TimeProvider = _time, Deadline = _settings.InspectionTimeout });
        var inspected = await _facts.GetAsync(
            // vLLM and SGLang read the same facts.
            ModelFactsKey.Of(location, hubs, engine == EngineType.LlamaCpp ? nameof(EngineType.LlamaCpp) : nameof(ModelFormat.Safetensors)),
            location.IsImmutable,
            () => BoundedAsync(location, token => opener.PinAsync(location, token)),
            () => BoundedAsync(location, token => ReadAsync(opener, location, engine, token)),
            cancellationToken);
        return inspected with
        {
            Gguf = inspected.Gguf is { } file ? ModelProfile.Override(file, model.Profile) : null,
            Folder = inspected.Folder is { } folder ? TransformerProfile.Override(folder, model.Profile) : null,
        };
    }

    public void Dispose()
    {
        _http.Dispose();
        _slots.Dispose();
    }

    /// <summary>Reads the facts that an engine needs, and what they were read at; null for sources that do not say.</summary>
    public static Task<(InspectedModel Model, string? Pin)> ReadAsync(ModelOpener opener, ModelLocation location, EngineType engine, CancellationToken cancellationToken) =>
        engine == EngineType.LlamaCpp
            ? opener.ReadAsync(location, ModelFormat.Gguf, ReadGgufAsync, cancellationToken)
            : opener.ReadAsync(location, ModelFormat.Safetensors, ReadFolderAsync, cancellationToken);

    private static async Task<(InspectedModel Model, string? Pin)> ReadGgufAsync(OpenedModel model, CancellationToken cancellationToken)
    {
        var file = model.Gguf!.Path;
        var header = await GgufFiles.ReadAsync(file, model.OpenAsync, GgufLimits.Default, cancellationToken);
        var inspected = new InspectedModel
        {
            Gguf = LlamaCppModel.FromGguf(header),
            DownloadUrl = model.AddressOf(file)?.AbsoluteUri ?? "",
            Revision = model.Revision ?? "",
        };
        return (inspected, model.Revision);
    }

    private static async Task<(InspectedModel Model, string? Pin)> ReadFolderAsync(OpenedModel model, CancellationToken cancellationToken) =>
        (new InspectedModel { Folder = await TransformerModelReader.ReadAsync(model, cancellationToken: cancellationToken), Revision = model.Revision ?? "" }, model.Revision);

    private async Task<T> BoundedAsync<T>(ModelLocation location, Func<CancellationToken, Task<T>> ask)
    {
        await _slots.WaitAsync();
        try
        {
            using var deadline = new CancellationTokenSource(_settings.InspectionTimeout, _time);
            return await ask(deadline.Token);
        }
        catch (Exception exception) when (exception is ByteRangeException or GgufFormatException or ModelChoiceException
            or TransformerFormatException or SafetensorsFormatException or OperationCanceledException)
        {
            throw Explained(exception, location);
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <summary>The source's token, from a secret of the object's own namespace.</summary>
    private async Task<string?> TokenAsync(ModelDeployment deployment, CancellationToken cancellationToken)
    {
        if (deployment.Spec.Model.SecretRef is not { } reference)
            return null;
        var secret = await _client.GetAsync<V1Secret>(reference.Name, deployment.Metadata.Namespace, cancellationToken);
        if (secret?.Data is { } data && data.TryGetValue(reference.Key, out var token))
            return Encoding.UTF8.GetString(token).Trim();
        throw new InspectionFailedException(
            ConditionReasons.SecretNotFound,
            secret is null
                ? $"spec.model.secretRef: there is no Secret {reference.Name} in the namespace {deployment.Metadata.Namespace}"
                : $"spec.model.secretRef: the Secret {reference.Name} has no key {reference.Key}");
    }

    private InspectionFailedException Explained(Exception exception, ModelLocation location)
    {
        for (var inner = exception.InnerException; inner is not null; inner = inner.InnerException)
        {
            if (inner is ForbiddenAddressException forbidden)
                return new InspectionFailedException(ConditionReasons.AddressForbidden, $"spec.model: {forbidden.Message}", inner: exception);
        }
        return exception switch
        {
            GgufFormatException or ModelChoiceException or TransformerFormatException or SafetensorsFormatException => new InspectionFailedException(ConditionReasons.ModelInvalid, exception.Message, inner: exception),
            ByteRangeException { Status: HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden } =>
                new InspectionFailedException(ConditionReasons.AccessDenied, exception.Message, inner: exception),
            ByteRangeException { Status: HttpStatusCode.NotFound or HttpStatusCode.Gone } =>
                new InspectionFailedException(ConditionReasons.ModelNotFound, exception.Message, inner: exception),
            ByteRangeException { IsTransient: false } => new InspectionFailedException(ConditionReasons.ModelInvalid, exception.Message, inner: exception),
            OperationCanceledException => new InspectionFailedException(
                ConditionReasons.SourceUnreachable,
                $"{location}: the model's header did not come within {_settings.InspectionTimeout.TotalSeconds:0} s",
                transient: true,
                exception),
            _ => new InspectionFailedException(ConditionReasons.SourceUnreachable, exception.Message, transient: true, exception),
        };
    }
}
