using System.Text;
using GpuStack.Modeling.Safetensors;

namespace GpuStack.Modeling.Tests.Safetensors;

public class SafetensorsIndexTests
{
    [Fact]
    public async Task An_index_gives_its_files_and_how_many_tensors_each_has()
    {
        SafetensorsIndex index = await ReadAsync("""{"metadata":{"total_size":10.0,"x":[1]},"weight_map":{"a":"m-2.safetensors","b":"m-1.safetensors","c":"m-1.safetensors"},"other":{"a":1}}""");

        Assert.Equal([("m-1.safetensors", 2), ("m-2.safetensors", 1)], index.Shards);
        Assert.Equal(new Bytes(10), index.TotalSize);
    }

    [Fact]
    public async Task The_total_size_may_be_missing_or_nonsense()
    {
        Assert.Null((await ReadAsync("""{"weight_map":{"a":"m.safetensors"}}""")).TotalSize);
        Assert.Null((await ReadAsync("""{"metadata":{"total_size":-1},"weight_map":{"a":"m.safetensors"}}""")).TotalSize);
    }

    [Theory]
    [InlineData("""{"weight_map":{"a":"../m.safetensors"}}""", "does not lie in the model's folder")]
    [InlineData("""{"weight_map":{"a":"/etc/passwd"}}""", "does not lie in the model's folder")]
    [InlineData("""{"weight_map":{"a":"https://x/m.safetensors"}}""", "does not lie in the model's folder")]
    [InlineData("""{"weight_map":{"a":1}}""", "something that is no file's name")]
    [InlineData("""{"weight_map":{"a":["m"]}}""", "something that is no file's name")]
    [InlineData("""{"weight_map":{}}""", "maps no tensor to a file")]
    [InlineData("[]", "is no JSON object")]
    [InlineData("""{"weight_map":""", "is no valid JSON")]
    [InlineData("""{"weight_map":{"a":"\ud800"}}""", "no valid Unicode")]
    public async Task An_index_that_breaks_a_rule_is_refused_with_the_reason(string json, string reason)
    {
        SafetensorsFormatException exception = await Assert.ThrowsAsync<SafetensorsFormatException>(() => ReadAsync(json));

        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limits_are_kept()
    {
        const string json = """{"weight_map":{"a":"1.safetensors","b":"2.safetensors"}}""";

        Assert.Contains("more than the 1 files", (await Assert.ThrowsAsync<SafetensorsFormatException>(() => ReadAsync(json, new() { Shards = 1 }))).Message, StringComparison.Ordinal);
        Assert.Contains("is longer than", (await Assert.ThrowsAsync<SafetensorsFormatException>(() => ReadAsync(json, new() { IndexBytes = 20 }))).Message, StringComparison.Ordinal);
        string name = new('x', 2000);
        Assert.Contains(
            "names a file by 2000 bytes",
            (await Assert.ThrowsAsync<SafetensorsFormatException>(() => ReadAsync($$$"""{"weight_map":{"a":"{{{name}}}"}}"""))).Message,
            StringComparison.Ordinal);
        string text = new('x', 3 << 20);
        Assert.Contains(
            "a text of more than 1 MiB", (await Assert.ThrowsAsync<SafetensorsFormatException>(() => ReadAsync($$$"""{"{{{text}}}":1}"""))).Message, StringComparison.Ordinal);
    }

    private static Task<SafetensorsIndex> ReadAsync(string json, SafetensorsLimits? limits = null) =>
        SafetensorsIndexReader.ReadAsync(new BytesSource(Encoding.UTF8.GetBytes(json)), limits, TestContext.Current.CancellationToken);
}
