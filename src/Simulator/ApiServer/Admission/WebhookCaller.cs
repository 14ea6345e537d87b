using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Admission;

/// <summary>Asks webhooks. Connections stand between calls, as those of a real API server do.</summary>
internal sealed class WebhookCaller(WebhookConnector connector) : IDisposable
{
    private const int LargestAnswer = 1024 * 1024;

    private readonly ConcurrentDictionary<(string Url, string Authorities), HttpClient> _clients = new();

    /// <summary>Asks one webhook.</summary>
    /// <returns>The <c>response</c> of its AdmissionReview.</returns>
    /// <exception cref="WebhookCallException">It does not answer, or not as it must.</exception>
    public async Task<JsonObject> CallAsync(ValidatingWebhook webhook, string uid, JsonObject review, CancellationToken cancellationToken)
    {
        var url = $"{webhook.Address.Url}?timeout={webhook.Timeout.TotalSeconds.ToString(CultureInfo.InvariantCulture)}s";
        var answer = await PostAsync(webhook, url, review, cancellationToken).ConfigureAwait(false);
        return Response(answer, uid) ?? throw new WebhookCallException("received invalid webhook response: webhook returned response without a response field");
    }

    public void Dispose()
    {
        foreach (var client in _clients.Values)
            client.Dispose();
    }

    private async Task<byte[]> PostAsync(ValidatingWebhook webhook, string url, JsonObject review, CancellationToken cancellationToken)
    {
        var client = _clients.GetOrAdd((webhook.Address.Url, webhook.Address.Authorities), _ => connector.Connect(webhook.Address));
        // The network between is real, whatever clock the cluster goes by.
        using var limit = new CancellationTokenSource(webhook.Timeout, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Post, url);
        request.Headers.TryAddWithoutValidation("User-Agent", "kube-apiserver-admission");
        request.Headers.TryAddWithoutValidation("Accept", "application/json, */*");
        request.Content = new ByteArrayContent(JsonText.ToUtf8(review)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        request.Version = HttpVersion.Version20;
        HttpResponseMessage response;
        try
        {
            response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw new WebhookCallException($"failed to call webhook: Post \"{url}\": {WebhookConnector.Words(failure)}", failure);
        }

        using (response)
        {
            try
            {
                await response.Content.LoadIntoBufferAsync(LargestAnswer, either.Token).ConfigureAwait(false);
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                throw new WebhookCallException($"failed to call webhook: {WebhookConnector.Words(failure)}", failure);
            }

            if (response.StatusCode != HttpStatusCode.OK)
                throw new WebhookCallException($"failed to call webhook: {Refusal(response.StatusCode)}");
            return await response.Content.ReadAsByteArrayAsync(either.Token).ConfigureAwait(false);
        }
    }

    private static string Refusal(HttpStatusCode code) => code switch
    {
        HttpStatusCode.NotFound => "the server could not find the requested resource",
        HttpStatusCode.Unauthorized => "the server has asked for the client to provide credentials",
        HttpStatusCode.Forbidden => "forbidden",
        >= HttpStatusCode.InternalServerError => "an error on the server (\"unknown\") has prevented the request from succeeding",
        _ => "the server rejected our request for an unknown reason",
    };

    private static JsonObject? Response(byte[] answer, string uid)
    {
        JsonNode? review;
        try
        {
            review = JsonNode.Parse(answer);
        }
        catch (JsonException broken)
        {
            throw new WebhookCallException($"failed to call webhook: couldn't get version/kind; json parse error: {broken.Message}", broken);
        }

        if (review?["kind"].AsText() != "AdmissionReview" || review["apiVersion"].AsText() != "admission.k8s.io/v1")
        {
            throw new WebhookCallException(
                $"received invalid webhook response: expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got {review?["apiVersion"].AsText()}, Kind={review?["kind"].AsText()}");
        }

        if (review["response"] is not JsonObject response)
            return null;
        return response["uid"].AsText() == uid
            ? response
            : throw new WebhookCallException($"received invalid webhook response: expected response.uid=\"{uid}\", got \"{response["uid"].AsText()}\"");
    }
}
