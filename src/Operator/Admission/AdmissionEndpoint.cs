using System.Text.Json;
using GpuStack.Entities;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Operator.Admission.Reviews;
using Microsoft.AspNetCore.Http;

namespace GpuStack.Operator.Admission;

/// <summary>
/// Answers the API server's reviews of ModelDeployments. Only created ones and changed specs are judged: deletions, subresources, metadata and
/// finalizers pass unseen, so that nobody is kept from cleaning up. What is no review is answered with 400, which the API server passes over.
/// </summary>
internal sealed class AdmissionEndpoint(AdmissionKnowledge knowledge)
{
    private const string ApiVersion = "admission.k8s.io/v1";
    private const string ReviewKind = "AdmissionReview";

    public async Task HandleAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }
        var (request, problem) = await ReadAsync(context);
        if (request is null)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync($"{problem}\n", context.RequestAborted);
            return;
        }
        var answer = new AdmissionReview { ApiVersion = ApiVersion, Kind = ReviewKind, Response = await AnswerAsync(request, context.RequestAborted) };
        context.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(context.Response.Body, answer, AdmissionJsonContext.Default.AdmissionReview, context.RequestAborted);
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

    private async Task<AdmissionResponse> AnswerAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        var answer = new AdmissionResponse { Uid = request.Uid!, Allowed = true };
        if (request is not { Operation: "CREATE" or "UPDATE", SubResource: null or "", Kind: null or { Kind: "ModelDeployment" }, Object: { ValueKind: JsonValueKind.Object } body })
            return answer;
        ModelDeployment wanted;
        ModelDeployment? present;
        try
        {
            wanted = Read(body)!;
            present = request is { Operation: "UPDATE", OldObject: { ValueKind: JsonValueKind.Object } old } ? Read(old) : null;
        }
        catch (Exception exception) when (exception is JsonException or FormatException or OverflowException or InvalidOperationException or NotSupportedException)
        {
            var field = (exception as JsonException)?.Path?.TrimStart('$', '.');
            answer.Warnings = ReviewText.Warnings([$"the operator cannot read the object{(string.IsNullOrEmpty(field) ? "" : $" at {field}")}, so that it was not checked"]);
            return answer;
        }
        if (wanted.Metadata.DeletionTimestamp is not null || (present is not null && IsSameSpec(request)))
            return answer;
        wanted.Metadata.Namespace ??= request.Namespace;
        var verdict = AdmissionJudge.Judge(wanted, present, await knowledge.FindAsync(wanted, present, cancellationToken));
        answer.Warnings = ReviewText.Warnings(verdict.Warnings);
        if (verdict.Problems.Count == 0)
            return answer;
        answer.Allowed = false;
        answer.Status = ReviewText.Refusal(wanted.Metadata.Name ?? request.Name ?? "", verdict.Problems);
        return answer;
    }

    private static ModelDeployment? Read(JsonElement body)
    {
        if (!body.TryGetProperty("spec", out var spec) || spec.ValueKind != JsonValueKind.Object)
            throw new JsonException("There is no spec.");
        var read = body.Deserialize(EntitiesJsonContext.Default.ModelDeployment);
        return read is { Metadata: not null } ? read : throw new JsonException("There is no metadata.");
    }

    private static bool IsSameSpec(AdmissionRequest request) =>
        request.Object!.Value.TryGetProperty("spec", out var wanted) && request.OldObject!.Value.TryGetProperty("spec", out var present)
        && JsonElement.DeepEquals(wanted, present);
}
