using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Tests.ApiServer;

/// <summary>
/// Each file in <c>cases</c> is a conversation with the server: steps with a request, the status, and the part of the answer that
/// matters. The words and shapes are those of a recorded kube-apiserver 1.36; <c>status-default</c> follows its documentation. Roles are evaluated in the files whose name begins with
/// <c>access</c>; there, a step without a <c>token</c> is the administrator's, and one with an empty token is nobody's.
/// </summary>
public sealed class ConversationTests
{
    public static TheoryData<string> Files => [.. Directory.GetFiles(ApiServerFixture.CaseFolder, "*.json")
        .Select(path => Path.GetFileName(path)).Where(name => !name.EndsWith(".crd.json", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Conversation_StepByStep_AnswersAsARealServer(string file)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var isOfAccess = file.StartsWith("access", StringComparison.Ordinal);
        var options = new ApiServerOptions { Https = isOfAccess, EvaluateAccess = isOfAccess, EnforceOwnerReferences = true };
        await using var fixture = await ApiServerFixture.StartAsync(cancellationToken, options);
        var steps = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(ApiServerFixture.CaseFolder, file), cancellationToken))!.AsArray();
        var saved = new Dictionary<string, string>(StringComparer.Ordinal);
        var failures = new List<string>();
        foreach (var node in steps)
        {
            var step = JsonNode.Parse(Substitute(node!.ToJsonString(), saved))!.AsObject();
            failures.AddRange((await RunAsync(fixture.Client, step, saved, cancellationToken)).Select(failure => $"{step["name"]}: {failure}"));
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    private static async Task<List<string>> RunAsync(
        HttpClient client, JsonObject step, Dictionary<string, string> saved, CancellationToken cancellationToken)
    {
        var words = step["do"].AsText()!.Split(' ', 2);
        using var request = new HttpRequestMessage(new HttpMethod(words[0]), words[1]);
        var content = step["text"].AsText() ?? step["body"]?.ToJsonString();
        if (content is not null)
            request.Content = new StringContent(content, Encoding.UTF8, new MediaTypeHeaderValue(ContentType(step["type"].AsText())));
        if (step["accept"].AsText() is { } accept)
            request.Headers.TryAddWithoutValidation("Accept", accept);
        if (step["token"].AsText() is not "")
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", step["token"].AsText() ?? "simulated");
        if (step["as"].AsText() is { } user)
            request.Headers.Add("Impersonate-User", user);
        using var response = await client.SendAsync(request, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        var failures = new List<string>();
        if ((int)response.StatusCode != step["status"].AsLong())
            failures.Add($"expected {step["status"]}, answered {(int)response.StatusCode}: {text}");
        if (step["warning"].AsText() is { } warning && !response.Headers.NonValidated["Warning"].Contains(warning))
            failures.Add($"no Warning {warning}");
        var body = JsonNode.Parse(text)!;
        Compare(step["expect"], body, "", failures);
        foreach (var path in (step["absent"] as JsonArray ?? []).Select(path => path.AsText()!))
        {
            if (At(body, path) is { } present)
                failures.Add($"{path} should be absent, is {present.ToJsonString()}");
        }

        foreach (var (name, path) in step["save"] as JsonObject ?? [])
            saved[name] = At(body, path.AsText()!)?.ToString() ?? "";
        return failures;
    }

    private static string ContentType(string? type) => type switch
    {
        null => "application/json",
        "apply" => "application/apply-patch+yaml",
        "merge" => "application/merge-patch+json",
        "strategic" => "application/strategic-merge-patch+json",
        "json" => "application/json-patch+json",
        _ => type,
    };

    /// <summary>Every field expected must be there; lists must begin as expected.</summary>
    private static void Compare(JsonNode? expected, JsonNode? actual, string path, List<string> failures)
    {
        switch (expected)
        {
            case null:
                break;
            case JsonObject fields:
                foreach (var (name, value) in fields)
                    Compare(value, (actual as JsonObject)?[name], $"{path}.{name}", failures);
                if (fields.Count == 0 && actual is not JsonObject)
                    failures.Add($"{path}: expected an object, found {actual?.ToJsonString() ?? "nothing"}");
                break;
            case JsonArray items when actual is JsonArray found && found.Count >= items.Count:
                for (var i = 0; i < items.Count; i++)
                    Compare(items[i], found[i], $"{path}[{i}]", failures);
                break;
            default:
                if (!JsonNode.DeepEquals(expected, actual) && !IsAge(expected, actual))
                    failures.Add($"{path}: expected {expected.ToJsonString()}, found {actual?.ToJsonString() ?? "nothing"}");
                break;
        }
    }

    /// <summary>Ages run on while the test does.</summary>
    private static bool IsAge(JsonNode expected, JsonNode? actual) =>
        expected.GetValueKind() == JsonValueKind.String && expected.AsText() == "0s" && actual.AsText() is { } age && age.EndsWith('s');

    private static JsonNode? At(JsonNode body, string path)
    {
        JsonNode? node = body;
        foreach (var part in path.Split('.'))
            node = (node as JsonObject)?[part];
        return node;
    }

    private static string Substitute(string text, Dictionary<string, string> saved)
    {
        foreach (var (name, value) in saved)
            text = text.Replace($"${{{name}}}", value, StringComparison.Ordinal);
        return text;
    }
}
