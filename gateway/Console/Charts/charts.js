// Draws the tables of the overview as charts. Numbers come from the table beside the chart, so both are the same.
// Built by `npm install --no-package-lock && npm run build` into Assets/charts.js, which is kept beside the other files.
import { init, use } from "echarts/core";
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent } from "echarts/components";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, LineChart, GridComponent, SVGRenderer]);

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function rows(id) {
  return [...document.querySelectorAll(`#${id} tbody tr[data-values]`)]
    .map((tr) => ({ name: tr.dataset.name, values: tr.dataset.values.split(",").map(Number) }));
}

function look() {
  const label = { color: token("--ink-2"), fontFamily: "inherit", fontSize: 12 };
  const lines = { lineStyle: { color: token("--chart-grid") } };
  return { label, lines };
}

function bars(data) {
  const { label, lines } = look();
  const colours = ["--chart-home", "--chart-host", "--chart-differs"].map(token);
  return {
    animation: false,
    grid: { left: 8, right: 16, top: 8, bottom: 8, containLabel: true },
    xAxis: { type: "value", min: 0, minInterval: 1, axisLabel: label, splitLine: lines },
    yAxis: { type: "category", inverse: true, data: data.map((r) => r.name), axisLabel: label, axisLine: lines, axisTick: { show: false } },
    series: colours.map((color, i) => ({
      type: "bar", stack: "all", barMaxWidth: 16, itemStyle: { color }, data: data.map((r) => r.values[i]),
    })),
  };
}

function line(data) {
  const { label, lines } = look();
  return {
    animation: false,
    grid: { left: 8, right: 24, top: 16, bottom: 8, containLabel: true },
    xAxis: { type: "category", data: data.map((r) => r.name), axisLabel: label, axisLine: lines, axisTick: { show: false } },
    // A line need not start at zero; bars must.
    yAxis: { type: "value", scale: true, axisLabel: { ...label, formatter: "{value}%" }, splitLine: lines },
    series: [{ type: "line", symbolSize: 6, itemStyle: { color: token("--chart-line") }, lineStyle: { color: token("--chart-line"), width: 2 },
      data: data.map((r) => r.values[0]) }],
  };
}

function draw(host) {
  const data = rows(host.dataset.from);
  if (data.length === 0) return;
  host.hidden = false;
  const height = host.dataset.chart === "bars" ? 48 + 28 * data.length : 220;
  const chart = init(host, null, { renderer: "svg", width: host.clientWidth, height });
  const paint = () => chart.setOption(host.dataset.chart === "bars" ? bars(data) : line(data), true);
  paint();
  document.querySelector(`#${host.dataset.from}`).dataset.drawn = "";
  new ResizeObserver(() => chart.resize({ width: host.clientWidth, height })).observe(host);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
}

document.querySelectorAll("[data-chart]").forEach(draw);
