using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Text;
using GpuStack.Entities.Conditions;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;
using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Modeling.Sources;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Inspection;

/// <summary>
/// Reads what a model needs from its file's header, by range requests. Connections are guarded (<see cref="GuardedConnector"/>), work is
/// bounded in time, number and bytes, and answers are kept for a while, by location and token: who may not read a file is not told of it.
/// </summary>
internal sealed class ModelInspector : IDisposable
{
    private const int KeptAnswers = 512;
    private const int AtOnce = 8;

    /// <summary>How long an answer is believed; a plan that was made of it keeps it for ever.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(10);

    private readonly IKubernetesClient _client;
    private readonly OperatorSettings _settings;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private readonly SemaphoreSlim _slots = new(AtOnce);
    private readonly ConcurrentDictionary<string, Answer> _answers = new(StringComparer.Ordinal);

    public ModelInspector(IKubernetesClient client, OperatorSettings settings, TimeProvider time)
    {
        _client = client;
        _settings = settings;
        _time = time;
        var connector = new GuardedConnector(
            new AddressRule(settings.ClusterNetworks),
            [settings.HuggingFaceEndpoint, settings.ModelScopeEndpoint, .. settings.TrustedEndpoints]);
        _http = new HttpClient(connector.CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>How long a failure is believed; a later question asks the source again.</summary>
    public static TimeSpan FailureFreshness { get; } = TimeSpan.FromSeconds(20);

    /// <summary>Finds a deployment's model out; the same question asked twice at a time is asked once.</summary>
    /// <exception cref="InspectionFailedException">The facts cannot be had.</exception>
    public async Task<InspectedModel> InspectAsync(ModelDeployment deployment, CancellationToken cancellationToken)
    {
        var model = deployment.Spec.Model;
        if (ModelSource.IsVolume(model))
            return new InspectedModel { Model = ModelProfile.Alone(ModelSource.DisplayName(model), model.Profile) };
        if (!ModelSource.IsGguf(model))
        {
            throw new InspectionFailedException(
                ConditionReasons.ModelInvalid, $"llama.cpp runs GGUF files: name a file that ends in .gguf in spec.model ({ModelSource.DisplayName(model)})");
        }
        var token = await TokenAsync(deployment, cancellationToken);
        var addresses = ModelSource.Addresses(model, _settings);
        var key = SpecHash.Of($"{string.Join(' ', addresses)} {token}");
        var answer = _answers.AddOrUpdate(
            key,
            _ => Ask(addresses, token),
            (_, present) => IsFresh(present) ? present : Ask(addresses, token));
        Bound();
        var inspected = await answer.Model.Value.WaitAsync(cancellationToken);
        return inspected with { Model = ModelProfile.Override(inspected.Model, model.Profile) };
    }

    public void Dispose()
    {
        _http.Dispose();
        _slots.Dispose();
    }

    private Answer Ask(ImmutableArray<Uri> addresses, string? token) =>
        new(new Lazy<Task<InspectedModel>>(() => FirstAsync(addresses, token)), _time.GetTimestamp());

    private bool IsFresh(Answer answer) => _time.GetElapsedTime(answer.Asked)
        < (answer.Model is { IsValueCreated: true, Value.IsFaulted: true } ? FailureFreshness : Freshness);

    private void Bound()
    {
        if (_answers.Count <= KeptAnswers)
            return;
        foreach (var (key, _) in _answers.OrderBy(pair => pair.Value.Asked).Take(_answers.Count - KeptAnswers))
            _answers.TryRemove(key, out _);
    }

    private async Task<InspectedModel> FirstAsync(ImmutableArray<Uri> addresses, string? token)
    {
        await _slots.WaitAsync();
        try
        {
            using var deadline = new CancellationTokenSource(_settings.InspectionTimeout, _time);
            for (var i = 0; ; i++)
            {
                try
                {
                    return await ReadAsync(addresses[i], token, deadline.Token);
                }
                catch (Exception exception) when (exception is ByteRangeException or GgufFormatException or OperationCanceledException)
                {
                    // A mirror that fails is passed over; the source's own endpoint is the last, and what it says counts.
                    if (i == addresses.Length - 1 || deadline.IsCancellationRequested)
                        throw Explained(exception, addresses[i]);
                }
            }
        }
        finally
        {
            _slots.Release();
        }
    }

    private async Task<InspectedModel> ReadAsync(Uri address, string? token, CancellationToken cancellationToken)
    {
        HttpByteRangeSource? first = null;
        var header = await GgufFiles.ReadAsync(SiblingFile.NameOf(address), Open, GgufLimits.Default, cancellationToken);
        return new InspectedModel
        {
            Model = LlamaCppModel.FromGguf(header),
            DownloadUrl = address.AbsoluteUri,
            Revision = first!.Commit ?? first.ETag ?? "",
        };

        // The file that was named is opened first, and alone.
        ValueTask<IByteRangeSource?> Open(string name, CancellationToken _)
        {
            var source = new HttpByteRangeSource(
                _http, first is null ? address : SiblingFile.Of(address, name), new HttpByteRangeOptions { Token = token, TimeProvider = _time });
            first ??= source;
            return ValueTask.FromResult<IByteRangeSource?>(source);
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

    private InspectionFailedException Explained(Exception exception, Uri address)
    {
        for (var inner = exception.InnerException; inner is not null; inner = inner.InnerException)
        {
            if (inner is ForbiddenAddressException forbidden)
                return new InspectionFailedException(ConditionReasons.AddressForbidden, $"spec.model: {forbidden.Message}", inner: exception);
        }
        return exception switch
        {
            GgufFormatException => new InspectionFailedException(ConditionReasons.ModelInvalid, exception.Message, inner: exception),
            ByteRangeException { Status: HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden } =>
                new InspectionFailedException(ConditionReasons.AccessDenied, exception.Message, inner: exception),
            ByteRangeException { Status: HttpStatusCode.NotFound or HttpStatusCode.Gone } =>
                new InspectionFailedException(ConditionReasons.ModelNotFound, exception.Message, inner: exception),
            ByteRangeException { IsTransient: false } => new InspectionFailedException(ConditionReasons.ModelInvalid, exception.Message, inner: exception),
            OperationCanceledException => new InspectionFailedException(
                ConditionReasons.SourceUnreachable,
                $"{address.Host} did not give the model's header within {_settings.InspectionTimeout.TotalSeconds:0} s",
                transient: true,
                exception),
            _ => new InspectionFailedException(ConditionReasons.SourceUnreachable, exception.Message, transient: true, exception),
        };
    }

    private sealed record Answer(Lazy<Task<InspectedModel>> Model, long Asked);
}
