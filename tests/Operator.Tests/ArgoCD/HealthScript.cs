using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;

namespace GpuStack.Operator.Tests.ArgoCD;

/// <summary>Runs <c>config/argocd/health.lua</c> with lua5.4, in a sandbox that has what Argo CD's has.</summary>
internal static class HealthScript
{
    private static readonly string Root = typeof(HealthScript).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .First(metadata => metadata.Key == "RepositoryRoot").Value!;

    public static string PathOf(string file) => Path.Combine(Root, "tests", "Operator.Tests", "ArgoCD", file);

    /// <summary>The health and the message of an object at a time.</summary>
    public static async Task<(string Health, string Message)> JudgeAsync(JsonObject deployment, DateTimeOffset now)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "return " + Literal(deployment), TestContext.Current.CancellationToken);
            ProcessStartInfo start = new(Lua()) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (var argument in (string[])[PathOf("run.lua"), Path.Combine(Root, "config", "argocd", "health.lua"), file, now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)])
                start.ArgumentList.Add(argument);
            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var answer = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, await error);
            var parts = answer.TrimEnd('\n').Split('\t', 2);
            return (parts[0], parts[1]);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string Lua()
    {
        string[] folders = [Path.Combine(Root, ".tools", "bin"), .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)];
        return folders.Select(folder => Path.Combine(folder, "lua5.4")).FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("lua5.4 is missing: run scripts/tools.sh.");
    }

    /// <summary>JSON as a Lua table: what Argo CD hands to the script.</summary>
    private static string Literal(JsonNode? node)
    {
        switch (node)
        {
            case null:
                return "nil";
            case JsonObject map:
                return $"{{{string.Join(',', map.Select(entry => $"[{Quoted(entry.Key)}]={Literal(entry.Value)}"))}}}";
            case JsonArray list:
                return $"{{{string.Join(',', list.Select(Literal))}}}";
            default:
                return node.GetValueKind() == System.Text.Json.JsonValueKind.String ? Quoted(node.GetValue<string>()) : node.ToJsonString();
        }
    }

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var value in Encoding.UTF8.GetBytes(text))
            quoted.Append('\\').Append(value.ToString("D3", CultureInfo.InvariantCulture));
        return quoted.Append('"').ToString();
    }
}
