using System.Diagnostics.Metrics;
using System.Globalization;

namespace GpuStack.Kubernetes.Metrics;

/// <summary>Counts of requests, under the name that dashboards for client-go know.</summary>
internal static class ClientMetrics
{
    private static readonly Counter<long> Requests = KubernetesMeter.Meter.CreateCounter<long>(
        "rest_client_requests_total", description: "Number of HTTP requests, partitioned by status code, method, and host.");

    /// <param name="method">The HTTP verb.</param>
    /// <param name="host">The server's host:port.</param>
    /// <param name="code">The HTTP status.</param>
    public static void Answered(string method, string host, int code) => Count(code.ToString(CultureInfo.InvariantCulture), method, host);

    /// <summary>There was no answer.</summary>
    public static void Failed(string method, string host) => Count("<error>", method, host);

    private static void Count(string code, string method, string host) => Requests.Add(
        1,
        new KeyValuePair<string, object?>("code", code),
        new KeyValuePair<string, object?>("method", method),
        new KeyValuePair<string, object?>("host", host));
}
