namespace GpuStack.Simulator.ApiServer.Requests;

/// <summary>One answered request, as the audit list keeps it.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Path with query.</param>
/// <param name="StatusCode">HTTP status code of the answer.</param>
/// <param name="UserAgent">The client.</param>
/// <param name="Message">The Status message of a refusal.</param>
public sealed record RequestRecord(string Method, string Path, int StatusCode, string UserAgent, string? Message);
