using System.Text.Json;
using GpuStack.Entities;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Admission.Reviews;
using GpuStack.Operator.Controllers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GpuStack.Operator.Admission;

/// <summary>
/// Answers the API server's reviews of ModelDeployments. Only created ones and changed specs are judged: deletions, subresources, metadata and
/// finalizers pass unseen, so that nobody is kept from cleaning up. What cannot be read or judged passes with a warning. What is no review is
/// answered with 400, which the API server passes over. Whoever reaches the port may ask: nothing is told that the question does not say, and
/// no Secret is read.
/// </summary>
internal sealed class AdmissionEndpoint(AdmissionKnowledge knowledge, ILogger logger)
{
    /// <summary>A body that does not say its size counts as this.</summary>
    public const long LargestReview = 8L << 20;

    /// <summary>What all bodies that are read at a time may have.</summary>
    public const long AllReviews = 32L << 20;

    private const string ApiVersion = "admission.k8s.io/v1";
    private const string ReviewKind = "AdmissionReview";

    private readonly ReviewRoom _room = new(AllReviews);

    public async Task HandleAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }
        var size = Math.Min(context.Request.ContentLength ?? LargestReview, LargestReview);
        if (!_room.TryTake(size))
        {
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "Too many reviews are read at once; ask again.");
            return;
        }
        try
        {
            await ReviewAsync(context);
        }
        finally
        {
            _room.Return(size);
        }
    }

    private async Task ReviewAsync(HttpContext context)
    {
        var (request, problem) = await ReadAsync(context);
        if (request is null)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, problem);
            return;
        }
        var response = await AnswerAsync(request, AdmissionKnowledge.PatienceWithin(Timeout(context.Request)), context.RequestAborted);
        var answer = new AdmissionReview { ApiVersion = ApiVersion, Kind = ReviewKind, Response = response };
        context.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(context.Response.Body, answer, AdmissionJsonContext.Default.AdmissionReview, context.RequestAborted);
    }

    private static Task RefuseAsync(HttpContext context, int code, string why)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync($"{why}\n", context.RequestAborted);
    }

    private static async Task<(AdmissionRequest? Request, string Problem)> ReadAsync(HttpContext context)
    {
        try
        {
            var review = await JsonSerializer.DeserializeAsync(context.Request.Body, AdmissionJsonContext.Default.AdmissionReview, context.RequestAborted);
            return review switch
            {
                not { ApiVersion: ApiVersion, Kind: ReviewKind } => (null, $"Expected an {ReviewKind} of {ApiVersion}."),
                { Request: { Uid.Length: > 0 and <= 128 } request } => (request, ""),
                _ => (null, $"The {ReviewKind} has no request with a uid."),
            };
        }
        catch (JsonException)
        {
            return (null, $"The body is no {ReviewKind}: it cannot be read as JSON.");
        }
    }

    /// <summary>How long the API server waits, as it says in its address; null when it does not.</summary>
    private static TimeSpan? Timeout(HttpRequest request) =>
        KubernetesDuration.TryParse(request.Query["timeout"], out var timeout) ? timeout.ToTimeSpan() : null;

    private async Task<AdmissionResponse> AnswerAsync(AdmissionRequest request, TimeSpan patience, CancellationToken cancellationToken)
    {
        var answer = new AdmissionResponse { Uid = request.Uid!, Allowed = true };
        if (!ReviewScope.IsJudged(request))
            return answer;
        try
        {
            await JudgeAsync(request, answer, patience, cancellationToken);
        }
#pragma warning disable CA1031 // A fault of ours must keep nobody from changing anything, whatever failurePolicy says.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogMessages.ReviewFailed(logger, exception);
            answer.Warnings = ReviewText.Warnings(["the operator failed to judge the object, so that it was not checked; its log says why"]);
        }
        return answer;
    }

    private async Task JudgeAsync(AdmissionRequest request, AdmissionResponse answer, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (TryRead(request.Object!.Value, out var field) is not { } wanted)
        {
            answer.Warnings = ReviewText.Warnings([$"the operator cannot read the object{field}, so that it was not checked"]);
            return;
        }
        ModelDeployment? present = null;
        if (request.OldObject is { ValueKind: JsonValueKind.Object } old && (present = TryRead(old, out field)) is null)
        {
            answer.Warnings = ReviewText.Warnings([$"the operator cannot read what the object was before{field}, so that the change was not checked"]);
            return;
        }
        wanted.Metadata.Namespace ??= request.Namespace;
        var verdict = AdmissionJudge.Judge(wanted, present, await knowledge.FindAsync(wanted, present, patience, cancellationToken));
        answer.Warnings = ReviewText.Warnings(verdict.Warnings);
        if (verdict.Problems.Count == 0)
            return;
        answer.Allowed = false;
        answer.Status = ReviewText.Refusal(wanted.Metadata.Name ?? "", verdict.Problems);
    }

    /// <param name="body">An object.</param>
    /// <param name="field">Where it cannot be read, after a space; empty when that is not known.</param>
    private static ModelDeployment? TryRead(JsonElement body, out string field)
    {
        field = "";
        try
        {
            return ReviewScope.Spec(body).ValueKind == JsonValueKind.Object && body.Deserialize(EntitiesJsonContext.Default.ModelDeployment) is { Metadata: not null } read
                ? read
                : null;
        }
        catch (Exception exception) when (exception is JsonException or FormatException or OverflowException or InvalidOperationException or NotSupportedException)
        {
            var path = (exception as JsonException)?.Path?.TrimStart('$', '.');
            field = string.IsNullOrEmpty(path) ? "" : $" at {path}";
            return null;
        }
    }
}
