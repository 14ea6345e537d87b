using System.Text;
using GpuStack.Simulator.ApiServer.Protobuf;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Tests.ApiServer;

public sealed class ProtobufTests
{
    [Fact]
    public void Parse_ASecret_ReadsMetadataAndData()
    {
        var metadata = Join(Field(1, "s"), Field(3, "default"), Field(8, []), Field(11, Join(Field(1, "l"), Field(2, "v"))));
        var body = ProtobufBody.Parse(Envelope("v1", "Secret", Join(
            Field(1, metadata), Field(2, Join(Field(1, "k"), Field(2, [1, 2, 3]))), Field(3, "Opaque"), Varint(5, 1))));

        Assert.Equal("Secret", body["kind"].AsText());
        Assert.Equal("s", body["metadata"]!["name"].AsText());
        Assert.Null(body["metadata"]!["creationTimestamp"]);
        Assert.Equal("v", body["metadata"]!["labels"]!["l"].AsText());
        Assert.Equal("AQID", body["data"]!["k"].AsText());
        Assert.Equal("Opaque", body["type"].AsText());
        Assert.True(body["immutable"].AsBool());
    }

    [Fact]
    public void Parse_AKindOutsideOfTheTable_IsUnsupported()
    {
        var refused = Assert.Throws<ApiException>(() => ProtobufBody.Parse(Envelope("v1", "Gizmo", [])));

        Assert.Equal(415, refused.Code);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(9)]
    [InlineData(20)]
    public void Parse_ACutBody_IsABadRequest(int length)
    {
        var whole = Envelope("v1", "Namespace", Field(1, Field(1, "n")));

        Assert.Equal(400, Assert.Throws<ApiException>(() => ProtobufBody.Parse(whole.AsMemory(0, Math.Min(length, whole.Length - 1)))).Code);
    }

    private static byte[] Envelope(string apiVersion, string kind, byte[] message) =>
        Join("k8s\0"u8.ToArray(), Field(1, Join(Field(1, apiVersion), Field(2, kind))), Field(2, message));

    private static byte[] Field(int number, string text) => Field(number, Encoding.UTF8.GetBytes(text));

    private static byte[] Field(int number, byte[] value) => Join([(byte)((number << 3) | 2), (byte)value.Length], value);

    private static byte[] Varint(int number, byte value) => [(byte)(number << 3), value];

    private static byte[] Join(params byte[][] parts) => [.. parts.SelectMany(part => part)];
}
