using System.Globalization;
using GpuStack.Placement.Products;
using GpuStack.Placement.Speed;

namespace GpuStack.Placement.Tests.Speed;

public sealed class GpuLinkTests
{
    /// <summary>NCCL between two H200 (<c>cases/h200-nccl-allreduce.csv</c>). Of smaller messages these times are that of starting NCCL from Python.</summary>
    public static TheoryData<string, double, double> LargeMessages
    {
        get
        {
            var data = new TheoryData<string, double, double>();
            foreach (var row in CaseFiles.Rows("h200-nccl-allreduce.csv"))
            {
                var bytes = double.Parse(row["messageBytes"], CultureInfo.InvariantCulture);
                if (bytes >= 1 << 24)
                    data.Add(row["link"], bytes, double.Parse(row["microseconds"], CultureInfo.InvariantCulture));
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(LargeMessages))]
    public void Large_all_reduces_take_the_measured_time(string link, double bytes, double microseconds)
    {
        var h200 = ProductTable.Default.Find("nvidia", "NVIDIA-H200")!.Speed;
        var predicted = 1000 * (link == "nvlink" ? GpuLink.Of(h200) : GpuLink.Of(default)).AllReduceMilliseconds(bytes, 2);

        // The host path stands for PCIe 4.0, half as wide as what was measured.
        Assert.InRange(predicted / microseconds / (link == "nvlink" ? 1 : 2), 0.75, 1.15);
    }

    [Fact]
    public void One_rank_reduces_nothing() => Assert.Equal(0, GpuLink.Of(default).AllReduceMilliseconds(1e9, 1));
}
