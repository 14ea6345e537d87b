using System.Net;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Hubs;

/// <summary>How a hub is asked for a repository, and what its refusals mean.</summary>
/// <param name="token">The token; null where none may be sent.</param>
/// <param name="page">The repository's page, where its terms are accepted.</param>
/// <param name="variable">The environment variable that holds a token.</param>
internal class HubAccess(string? token, Uri page, string variable) : HttpAccess(token)
{
    /// <inheritdoc />
    public override string Explain(HttpStatusCode status, string? code) => (status, code) switch
    {
        (HttpStatusCode.Unauthorized, "GatedRepo") =>
            $"the model is gated (401), {Sent("the token that was sent is not accepted")}; accept its terms at {page}, and set {variable} or the model's secret.",
        (HttpStatusCode.Unauthorized, _) =>
            $"there is no such repository, or it is private (401), {Sent("the token that was sent is not accepted")}; check the name, "
            + $"and set {variable} or the model's secret if it is private or gated.",
        (HttpStatusCode.Forbidden, _) =>
            $"access is refused (403), {Sent("the token's account has no access")}; accept the model's terms at {page}, or use another token.",
        (_, "RepoNotFound") => $"there is no such repository ({(int)status}); check its name, and set {variable} or the model's secret if it is private.",
        (_, "RevisionNotFound") => $"there is no such revision ({(int)status}); check the branch, tag or commit.",
        _ => $"there is no such file ({(int)status}); check repository, revision and file name.",
    };
}
