using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using GpuStack.Kubernetes.Client.Credentials;
using GpuStack.Kubernetes.Client.Transport;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Client;

/// <summary>
/// <see cref="IKubernetesClient"/> over HTTP. Answers are parsed from the stream, once. No timeout of the client as a
/// whole: a watch lives as long as the server lets it, every other request has <see cref="RequestTimeout"/>.
/// </summary>
public sealed class KubernetesClient : IKubernetesClient, IDisposable
{
    private static readonly MediaTypeHeaderValue ApplyPatch = new("application/apply-patch+yaml");
    private static readonly MediaTypeHeaderValue MergePatch = new("application/merge-patch+json");
    private static readonly MediaTypeHeaderValue JsonType = new("application/json");

    /// <summary>A watch that outlives the end it asked the server for by this much hangs on a dead connection.</summary>
    private static readonly TimeSpan WatchGrace = TimeSpan.FromSeconds(30);

    private readonly RequestSender _sender;
    private readonly KubernetesJson _json;
    private readonly TimeProvider _time;

    /// <summary>A client for the server of <paramref name="configuration"/>.</summary>
    public KubernetesClient(
        KubernetesClientConfiguration configuration, KubernetesJson json, TimeProvider? timeProvider = null, KubernetesClientOptions? options = null)
        : this(configuration, json, null, timeProvider, options)
    {
    }

    /// <summary>A client over a handler of the caller's; the client disposes of it. TLS and proxies are the handler's affair.</summary>
    public KubernetesClient(KubernetesClientConfiguration configuration, KubernetesJson json, HttpMessageHandler handler, TimeProvider? timeProvider = null)
        : this(configuration, json, handler, timeProvider, null)
    {
    }

    private KubernetesClient(
        KubernetesClientConfiguration configuration, KubernetesJson json, HttpMessageHandler? handler, TimeProvider? timeProvider, KubernetesClientOptions? options)
    {
        _json = json;
        _time = timeProvider ?? TimeProvider.System;
        options ??= new KubernetesClientOptions();
        var credentials = CredentialSources.Create(configuration, _time, options.LoggerFactory.CreateLogger("GpuStack.Kubernetes.Client"));
        handler ??= ConnectionHandler.CreateRotating(configuration, options, credentials, _time);
        _sender = new RequestSender(configuration, options, handler, credentials, json.TypeInfo<V1Status>(), _time);
    }

    /// <summary>How long a request other than a watch may take. A minute by default.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public void Dispose() => _sender.Dispose();

    /// <inheritdoc/>
    public Task<T?> GetAsync<T>(string name, string? namespaceName, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject =>
        SendAsync(Request(HttpMethod.Get, ResourcePath.Item(EntityMetadata.Of<T>(), namespaceName, name), null, JsonType, mayBeMissing: true), _json.TypeInfo<T>(), cancellationToken);

    /// <inheritdoc/>
    public async Task<KubernetesList<T>> ListAsync<T>(string? namespaceName = null, ListOptions? options = null, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject
    {
        var entity = EntityMetadata.Of<T>();
        var path = ResourcePath.WithQuery(
            ResourcePath.Collection(entity, namespaceName),
            ("labelSelector", options?.LabelSelector),
            ("fieldSelector", options?.FieldSelector),
            ("limit", ResourcePath.Number(options?.Limit)),
            ("continue", options?.Continue),
            ("resourceVersion", options?.ResourceVersion));
        // A long list takes its time; what counts is that it goes on.
        using var limit = new IdleLimit(RequestTimeout, _time, cancellationToken);
        var request = Request(HttpMethod.Get, path, null, JsonType);
        try
        {
            limit.Arm();
            using var response = await _sender.SendAsync(request, limit.Token).ConfigureAwait(false);
            limit.Disarm();
            var stream = await response.Content.ReadAsStreamAsync(limit.Token).ConfigureAwait(false);
            var list = await ListStream.ReadAsync(stream, _json.ReadInfo<T>(options?.Projection), _json.TypeInfo<V1ListMeta>(), limit).ConfigureAwait(false);
            foreach (var item in list.Items) FillType(entity, item);
            return list;
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            throw new HttpRequestException($"The API server's answer to GET {path} is not what it should be: {e.Message}", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw TimedOut(request, e);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(
        string? namespaceName = null,
        WatchOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject
    {
        options ??= new WatchOptions();
        var path = ResourcePath.WithQuery(
            ResourcePath.Collection(EntityMetadata.Of<T>(), namespaceName),
            ("watch", "true"),
            ("allowWatchBookmarks", options.AllowBookmarks ? "true" : null),
            ("labelSelector", options.LabelSelector),
            ("fieldSelector", options.FieldSelector),
            ("resourceVersion", options.ResourceVersion),
            ("sendInitialEvents", options.SendInitialEvents ? "true" : null),
            ("resourceVersionMatch", options.SendInitialEvents ? "NotOlderThan" : null),
            ("timeoutSeconds", options.Timeout is { } timeout ? Math.Max(1, (long)timeout.TotalSeconds).ToString(CultureInfo.InvariantCulture) : null));

        var isInitial = options.SendInitialEvents;
        var idleTimeout = options.IdleTimeout ?? Timeout.InfiniteTimeSpan;
        using var watchdog = new CancellationTokenSource(options.Timeout is { } end ? end + WatchGrace : Timeout.InfiniteTimeSpan, _time);
        using var idle = new IdleLimit(isInitial ? RequestTimeout : idleTimeout, _time, cancellationToken, watchdog.Token);
        var request = new ApiRequest(HttpMethod.Get, path) { IsWatch = true };
        using var response = await OpenWatchAsync(request, idle, cancellationToken).ConfigureAwait(false);
        if (response is null) yield break;
        if (isInitial) idle.Limit = options.InitialEventsTimeout;
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var lines = new WatchLine<T>(_json.ReadInfo<T>(options.Projection), _json.TypeInfo<T>(), _json.TypeInfo<V1Status>());
        await using var events = WatchStream.ReadAsync(stream, lines, idle, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await events.MoveNextAsync().ConfigureAwait(false)) yield break;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                if (isInitial && idle.IsExceeded) throw NoInitialEvents(path);
                yield break;
            }

            if (isInitial && events.Current.IsInitialEventsEnd)
            {
                isInitial = false;
                idle.Limit = idleTimeout;
            }

            yield return events.Current;
        }
    }

    /// <inheritdoc/>
    public Task<T> CreateAsync<T>(T entity, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject
    {
        var metadata = EntityMetadata.Of<T>();
        FillType(metadata, entity);
        ResourcePath.RequireNamespace(metadata, entity.Metadata.Namespace);
        return SendAsync(HttpMethod.Post, ResourcePath.Collection(metadata, entity.Metadata.Namespace), Serialize(entity), JsonType, _json.TypeInfo<T>(), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<T> ReplaceAsync<T>(T entity, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject => ReplaceAsync(entity, "", cancellationToken);

    /// <inheritdoc/>
    public Task<T> ReplaceStatusAsync<T>(T entity, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject => ReplaceAsync(entity, "status", cancellationToken);

    /// <inheritdoc/>
    public Task<T> ApplyAsync<T>(T entity, ApplyOptions options, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject
    {
        FillType(EntityMetadata.Of<T>(), entity);
        return ApplyAsync<T>(entity.Metadata, Serialize(entity), "", options, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<T> ApplyStatusAsync<T>(T entity, ApplyOptions options, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject
    {
        FillType(EntityMetadata.Of<T>(), entity);
        return ApplyAsync<T>(entity.Metadata, ToBytes(RequestBody.Status(entity, ToNode(entity))), "status", options, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<T> MergePatchAsync<T>(string name, string? namespaceName, JsonNode patch, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject => SendAsync(
            HttpMethod.Patch,
            ResourcePath.Item(EntityMetadata.Of<T>(), namespaceName, name),
            ToBytes(patch),
            MergePatch,
            _json.TypeInfo<T>(),
            cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> DeleteAsync<T>(string name, string? namespaceName, DeleteOptions? options = null, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject
    {
        var request = Request(HttpMethod.Delete, ResourcePath.Item(EntityMetadata.Of<T>(), namespaceName, name), options is null ? null : ToBytes(RequestBody.Delete(options)), JsonType);
        using var timeout = new CancellationTokenSource(RequestTimeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            // The answer is the object or a Status; neither is of use.
            using var response = await _sender.SendAsync(request, linked.Token).ConfigureAwait(false);
            return true;
        }
        catch (KubernetesException e) when (e.IsNotFound)
        {
            return false;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw TimedOut(request, e);
        }
    }

    private static void FillType(EntityMetadata metadata, IKubernetesObject entity)
    {
        entity.ApiVersion ??= metadata.ApiVersion;
        entity.Kind ??= metadata.Kind;
    }

    private static byte[] ToBytes(JsonNode node)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer)) node.WriteTo(writer);
        return buffer.ToArray();
    }

    private Task<T> ReplaceAsync<T>(T entity, string subresource, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        var metadata = EntityMetadata.Of<T>();
        FillType(metadata, entity);
        var path = ResourcePath.Item(metadata, entity.Metadata.Namespace, entity.Metadata.Name, subresource);
        return SendAsync(HttpMethod.Put, path, Serialize(entity), JsonType, _json.TypeInfo<T>(), cancellationToken);
    }

    private Task<T> ApplyAsync<T>(V1ObjectMeta target, byte[] body, string subresource, ApplyOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        var path = ResourcePath.WithQuery(
            ResourcePath.Item(EntityMetadata.Of<T>(), target.Namespace, target.Name, subresource),
            ("fieldManager", options.FieldManager),
            ("force", options.Force ? "true" : null),
            ("dryRun", options.DryRun ? "All" : null));
        var answer = options.Answer is { } projection ? _json.ReadInfo<T>(projection) : _json.TypeInfo<T>();
        return SendAsync(HttpMethod.Patch, path, body, ApplyPatch, answer, cancellationToken);
    }

    private byte[] Serialize<T>(T entity) => JsonSerializer.SerializeToUtf8Bytes(entity, _json.TypeInfo<T>());

    private JsonObject ToNode<T>(T entity) => JsonSerializer.SerializeToNode(entity, _json.TypeInfo<T>())!.AsObject();

    /// <summary>Null when nothing came before the watchdog's or the idle limit's time: some servers send no headers before the first event.</summary>
    private async Task<HttpResponseMessage?> OpenWatchAsync(ApiRequest request, IdleLimit idle, CancellationToken cancellationToken)
    {
        try
        {
            idle.Arm();
            var response = await _sender.SendAsync(request, idle.Token).ConfigureAwait(false);
            idle.Disarm();
            return response;
        }
        catch (OperationCanceledException) when (idle.Token.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            // The time for a connection was over; a server that cannot be reached must not look like one that is quiet.
            throw new HttpRequestException(HttpRequestError.ConnectionError, $"The API server could not be reached in time ({request}).", e);
        }
    }

    private static TimeoutException NoInitialEvents(string path) =>
        new($"The API server did not say in time that all present objects were sent (GET {path}); it may not know sendInitialEvents.");

    private async Task<TAnswer> SendAsync<TAnswer>(
        HttpMethod method,
        string path,
        byte[]? body,
        MediaTypeHeaderValue bodyType,
        JsonTypeInfo<TAnswer> answerInfo,
        CancellationToken cancellationToken)
        where TAnswer : class =>
        (await SendAsync(Request(method, path, body, bodyType), answerInfo, cancellationToken).ConfigureAwait(false))!;

    /// <summary>Null only where the request may be for something that is missing.</summary>
    private async Task<TAnswer?> SendAsync<TAnswer>(ApiRequest request, JsonTypeInfo<TAnswer> answerInfo, CancellationToken cancellationToken)
        where TAnswer : class
    {
        using var timeout = new CancellationTokenSource(RequestTimeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            using var response = await _sender.SendAsync(request, linked.Token).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.NotFound) return null;
            var stream = await response.Content.ReadAsStreamAsync(linked.Token).ConfigureAwait(false);
            return await ReadAsync(stream, answerInfo, linked.Token).ConfigureAwait(false)
                ?? throw new HttpRequestException($"The API server answered {request} with null.");
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            throw new HttpRequestException($"The API server's answer to {request} is not what it should be: {e.Message}", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw TimedOut(request, e);
        }
    }

    private async Task<TAnswer?> ReadAsync<TAnswer>(Stream stream, JsonTypeInfo<TAnswer> answerInfo, CancellationToken cancellationToken)
    {
        using var limit = new IdleLimit(Timeout.InfiniteTimeSpan, _time, cancellationToken);
        using var buffer = new ReceiveBuffer(stream, limit);
        while (!buffer.IsComplete) await buffer.FillAsync().ConfigureAwait(false);
        return JsonSerializer.Deserialize(buffer.Unread, answerInfo);
    }

    private ApiRequest Request(HttpMethod method, string path, byte[]? body, MediaTypeHeaderValue bodyType, bool mayBeMissing = false) =>
        new(method, path) { Body = body, BodyType = bodyType, MayBeMissing = mayBeMissing, Deadline = _time.GetUtcNow() + RequestTimeout };

    private HttpRequestException TimedOut(ApiRequest request, Exception cause) =>
        new(HttpRequestError.Unknown, $"The API server did not answer {request} within {RequestTimeout.TotalSeconds} s.", cause);
}
