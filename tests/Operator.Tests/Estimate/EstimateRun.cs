using System.Text.Json.Nodes;
using GpuStack.Operator.Commands;

namespace GpuStack.Operator.Tests.Estimate;

/// <summary>Runs <c>estimate</c> as the command line does, and checks what its JSON promises.</summary>
internal static class EstimateRun
{
    private static readonly string Samples = Path.Combine(Inputs.Root, "samples", "models", "gpustack");

    public static string Sample(string repository, string file) => Path.Combine(Samples, repository, file);

    public static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await GpuStackProgram.RunAsync(["estimate", .. arguments], "gpustack-operator", output, error);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>The JSON of a call that succeeds, held against the schema of the design.</summary>
    public static async Task<JsonObject> JsonAsync(params string[] arguments)
    {
        (int code, string output, string error) = await RunAsync([.. arguments, "--output", "json"]);
        Assert.Equal((0, ""), (code, error));
        JsonObject json = JsonNode.Parse(output)!.AsObject();
        Assert.Equal(["model", "architecture", "layers", "parameters", "weightBytes", "kvCacheBytes", "devices", "totalBytes"], json.Select(field => field.Key).Take(8));
        Assert.All(["layers", "parameters", "weightBytes", "kvCacheBytes", "totalBytes"], field => Assert.True((long)json[field]! >= 0));
        Assert.Equal((long)json["totalBytes"]!, CheckDevices(json["devices"]!));
        if (json["parts"] is JsonArray parts)
        {
            Assert.Equal((long)json["totalBytes"]!, parts.Sum(part => CheckDevices(part!["devices"]!)));
        }

        return json;
    }

    private static long CheckDevices(JsonNode devices)
    {
        long total = 0;
        int index = 0;
        foreach (JsonObject device in devices.AsArray().Select(device => device!.AsObject()))
        {
            string kind = (string)device["kind"]!;
            Assert.Contains(kind, (string[])["rpc", "gpu", "host"]);
            string[] fields = [.. kind == "host" ? (string[])["kind"] : ["kind", "index"], "layers", "weightBytes", "kvCacheBytes", "computeBytes", "overheadBytes", "totalBytes"];
            Assert.Equal(fields, device.Select(field => field.Key));
            if (kind != "host")
            {
                Assert.Equal(index++, (int)device["index"]!);
            }

            if (device["layers"] is { } layers)
            {
                Assert.Equal(2, layers.AsArray().Count);
            }

            long sum = fields.Where(field => field.EndsWith("Bytes", StringComparison.Ordinal) && field != "totalBytes").Sum(field => (long)device[field]!);
            Assert.Equal((long)device["totalBytes"]!, sum);
            total += sum;
        }

        Assert.Equal("host", (string)devices.AsArray()[^1]!["kind"]!);
        return total;
    }
}
