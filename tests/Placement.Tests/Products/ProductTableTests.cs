using GpuStack.Modeling;
using GpuStack.Placement.Products;

namespace GpuStack.Placement.Tests.Products;

public sealed class ProductTableTests
{
    public static TheoryData<string, string, string> Labels
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (var row in CaseFiles.Rows("product-labels.csv"))
                data.Add(row["vendor"], row["label"], row["product"]);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Labels))]
    public void Finds_products_by_the_names_of_labels_and_does_not_guess(string vendor, string label, string product) =>
        Assert.Equal(product, ProductTable.Default.Find(vendor, label)?.Name ?? "");

    [Fact]
    public void There_are_more_than_sixty_products_and_each_is_complete()
    {
        Assert.True(ProductTable.Default.Products.Length > 60);
        Assert.All(ProductTable.Default.Products, p =>
        {
            Assert.Same(p, ProductTable.Default.Find(p.Vendor, p.Name));
            Assert.True(p.BandwidthGBs > 100 && p.TensorTflops > 10 && p.Memory > Bytes.FromGiB(5) && p.Source.Length > 10, p.Name);
            Assert.Equal(p.NvLink, p.NvLinkGBs > 0);
            Assert.Equal(p.Vendor == "nvidia", p.ComputeCapability is not null);
            // No product reads its memory in less than 5 ms or more than half a second.
            Assert.InRange(p.Memory.Value / (p.BandwidthGBs * 1e9), 0.005, 0.5);
        });
    }

    [Fact]
    public void No_two_products_answer_to_one_name()
    {
        var names = ProductTable.Default.Products.SelectMany(p => p.Aliases.Prepend(p.Name).Select(name => (Product: p, Name: name)));
        Assert.All(names, entry => Assert.Same(entry.Product, ProductTable.Default.Find(entry.Product.Vendor, entry.Name)));
    }

    [Fact]
    public void An_extension_adds_and_replaces()
    {
        var table = ProductTable.Default.Extend(
            """
            {"products":[
              {"vendor":"nvidia","name":"L40S","memoryMiB":1,"bandwidthGBs":2,"tensorTflops":3.5,"computeCapability":"8.9","peerToPeer":true},
              {"vendor":"acme","name":"X1","memoryMiB":8192,"bandwidthGBs":500,"nvlink":true,"nvlinkGBs":200},
              {"vendor":"acme","name":"X2","nvlink":true,"nvlinkGBs":200,"nvlinkBridge":true}]}
            """,
            "extra");
        Assert.Equal(new DeviceSpeed(2, 3.5, PeerToPeer: true), table.Find("nvidia", "NVIDIA-L40S")?.Speed);
        Assert.Equal(Bytes.FromGiB(8), table.Find("acme", "X1")?.Memory);
        Assert.Equal(200, table.Find("acme", "X1")?.Speed.NvLinkGBs);
        Assert.Equal(0, table.Find("acme", "X2")?.Speed.NvLinkGBs);
        Assert.Equal(864, ProductTable.Default.Find("nvidia", "L40S")?.BandwidthGBs);
    }

    [Theory]
    [InlineData("[]", "extra: expected an object")]
    [InlineData("{", "extra: not valid JSON at line 1")]
    [InlineData("""{"products":["x"]}""", "extra: products[0]: expected an object.")]
    [InlineData("""{"products":[{"name":"a"}]}""", "extra: products[0].vendor: missing.")]
    [InlineData("""{"products":[{"vendor":"v"}]}""", "extra: products[0].name: missing.")]
    [InlineData("""{"products":[{"vendor":"v","name":""}]}""", "extra: products[0].name: expected a string of 1 to 256 characters.")]
    [InlineData("""{"products":[{"vendor":"v","name":"\ud800"}]}""", "extra: products[0].name: expected a string of 1 to 256 characters.")]
    [InlineData("""{"products":[{"vendor":"nvidia","name":"NVIDIA GPU"}]}""", "extra: products[0]: 'NVIDIA GPU' names no product")]
    [InlineData("""{"products":[{"vendor":"v","name":"a","aliases":"b"}]}""", "extra: products[0].aliases: expected a list of at most 16 strings.")]
    [InlineData("""{"products":[{"vendor":"v","name":"a","aliases":[1]}]}""", "extra: products[0].aliases: expected strings of 1 to 256 characters.")]
    [InlineData("""{"products":[{"vendor":"v","name":"a","memoryMiB":-1}]}""", "extra: products[0].memoryMiB: expected a whole number between 1 and 16777216.")]
    [InlineData("""{"products":[{"vendor":"v","name":"a","bandwidthGBs":1000000}]}""", "extra: products[0].bandwidthGBs: expected a whole number between 1 and 100000.")]
    [InlineData("""{"products":[{"vendor":"v","name":"a","tensorTflops":0}]}""", "extra: products[0].tensorTflops: expected a number above 0, up to 100000.")]
    [InlineData("""{"products":[{"vendor":"v","name":"a","computeCapability":"new"}]}""", "extra: products[0].computeCapability: expected a number such as 8.9.")]
    [InlineData("""{"products":[{"vendor":"v","name":"a","peerToPeer":"yes"}]}""", "extra: products[0].peerToPeer: expected true or false.")]
    [InlineData("""{"products":[{"vendor":"v","name":"a","nvlinkGBs":100}]}""", "extra: products[0].nvlink: expected true where nvlinkGBs or nvlinkBridge is given.")]
    [InlineData("""{"products":[{"vendor":"v","name":"a","bandwidth":100}]}""", "extra: products[0]: the field \"bandwidth\" is unknown; expected vendor, name")]
    [InlineData("""{"products":[{"vendor":"v","name":"a"},{"vendor":"v","name":"b","aliases":["A"]}]}""", "extra: products[1]: 'A' names the entry of a already")]
    [InlineData("""{"products":[{"vendor":"v","name":"a"},{"vendor":"v","name":"a"}]}""", "extra: products[1]: 'a' names the entry of a already")]
    public void A_broken_extension_is_named(string json, string message) =>
        Assert.StartsWith(message, Assert.Throws<FormatException>(() => ProductTable.Default.Extend(json, "extra")).Message, StringComparison.Ordinal);

    [Fact]
    public void An_extension_is_bounded()
    {
        var many = "{\"products\":[" + string.Join(',', Enumerable.Range(0, 5000).Select(_ => "0")) + "]}";
        Assert.StartsWith(
            "extra: products has 5000 entries; at most 4096", Assert.Throws<FormatException>(() => ProductTable.Default.Extend(many, "extra")).Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "extra: 2000000 characters", Assert.Throws<FormatException>(() => ProductTable.Default.Extend(new string(' ', 2_000_000), "extra")).Message, StringComparison.Ordinal);
    }
}
