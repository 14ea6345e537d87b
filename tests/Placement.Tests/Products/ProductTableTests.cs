using GpuStack.Modeling;
using GpuStack.Placement.Products;

namespace GpuStack.Placement.Tests.Products;

public sealed class ProductTableTests
{
    [Theory]
    [InlineData("nvidia", "NVIDIA-L40S", "L40S")]
    [InlineData("nvidia", "NVIDIA-L40S-SHARED", "L40S")]
    [InlineData("nvidia", "NVIDIA-GeForce-RTX-4090", "RTX 4090")]
    [InlineData("nvidia", "NVIDIA GeForce RTX 4080 SUPER", "RTX 4080 SUPER")]
    [InlineData("nvidia", "A100-SXM4-40GB-MIG-1g.5gb", "A100 SXM4 40GB")]
    [InlineData("nvidia", "NVIDIA-H100-80GB-HBM3", "H100 SXM5")]
    [InlineData("nvidia", "Tesla-T4", "T4")]
    [InlineData("nvidia", "NVIDIA-RTX-6000-Ada-Generation", "RTX 6000 Ada")]
    [InlineData("amd", "Instinct_MI210", "Instinct MI210")]
    [InlineData("intel", "Max_1550", "Max 1550")]
    public void Finds_products_by_the_names_of_labels(string vendor, string label, string name) =>
        Assert.Equal(name, ProductTable.Default.Find(vendor, label)?.Name);

    [Theory]
    [InlineData("nvidia", "NVIDIA-GeForce-RTX-4090-Laptop-GPU")]
    [InlineData("nvidia", "")]
    [InlineData("nvidia", "NVIDIA")]
    [InlineData("amd", "NVIDIA-L40S")]
    public void Does_not_guess(string vendor, string label) => Assert.Null(ProductTable.Default.Find(vendor, label));

    [Fact]
    public void Every_product_is_complete_and_found_by_its_own_name()
    {
        Assert.True(ProductTable.Default.Products.Length >= 40);
        Assert.All(ProductTable.Default.Products, p =>
        {
            Assert.Same(p, ProductTable.Default.Find(p.Vendor, p.Name));
            Assert.True(p.BandwidthGBs > 100 && p.Memory > Bytes.FromGiB(7) && p.Source.Length > 0, p.Name);
            Assert.True(p.Vendor != "nvidia" || p.ComputeCapability is not null, p.Name);
        });
    }

    [Fact]
    public void An_extension_adds_and_replaces()
    {
        var table = ProductTable.Default.Extend(
            """{"products":[{"vendor":"nvidia","name":"L40S","memoryMiB":1,"bandwidthGBs":2},{"vendor":"acme","name":"X1","memoryMiB":8192,"bandwidthGBs":500}]}""", "extra");
        Assert.Equal(2, table.Find("nvidia", "NVIDIA-L40S")?.BandwidthGBs);
        Assert.Equal(Bytes.FromGiB(8), table.Find("acme", "X1")?.Memory);
        Assert.Equal(864, ProductTable.Default.Find("nvidia", "L40S")?.BandwidthGBs);
    }

    [Theory]
    [InlineData("[]", "extra: expected an object")]
    [InlineData("{", "extra: not valid JSON at line 1")]
    [InlineData("""{"products":[{"name":"a"}]}""", "extra: products[0].vendor: missing")]
    [InlineData("""{"products":[{"vendor":"v","name":"a","memoryMiB":-1}]}""", "extra: products[0].memoryMiB: expected a whole number")]
    public void A_broken_extension_is_named(string json, string message) =>
        Assert.StartsWith(message, Assert.Throws<FormatException>(() => ProductTable.Default.Extend(json, "extra")).Message, StringComparison.Ordinal);
}
